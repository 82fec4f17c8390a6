  # Part of class Kernels; see kernels.py for shapes and conventions.

  # ---------------------------------------------------------------- vision (SigLIP, CLIP, InternViT)

  # Operands that a family lacks are empty lists. T: the class token, if any, and the P patches.

  # Pixel values of levels_ICYX, uint8: looked up, so that they have the host's bits on every device. table: [C,256]
  def pixel_values(self, levels: Tensor, table: Tensor) -> Tensor:
    I, C = levels.size(0), levels.size(1)
    at = torch.to(levels, 4).view([I, C, -1])
    return torch.gather(table.unsqueeze(0).expand([I, C, 256]), 2, at).view(levels.size())

  # x_ICYX pixels -> y_ITD. Pixels at the right and lower edge that do not fill a patch are ignored, as
  # in a convolution without padding. w: patch weight [Dv,C,p,p], position [T,Dv]; bias: patch bias [Dv];
  # class_token: [Dv]
  def vision_embeddings(self, x: Tensor, w: List[Tensor], bias: List[Tensor], class_token: List[Tensor], patch: int, dt: int) -> Tensor:
    I, C, rows, cols = x.size(0), x.size(1), x.size(2) // patch, x.size(3) // patch
    if x.size(2) != rows * patch or x.size(3) != cols * patch:
      x = x.narrow(2, 0, rows * patch).narrow(3, 0, cols * patch).contiguous()
    p = x.view([I, C, rows, patch, cols, patch]).permute([0, 2, 4, 1, 3, 5])
    p = torch.to(p.reshape([I, rows * cols, C * patch * patch]), dt)
    y = self.linear(p, w[0].view([w[0].size(0), -1]), bias, dt)
    if len(class_token) == 1:
      y = torch.cat([class_token[0].view([1, 1, -1]).expand([I, 1, -1]), torch.to(y, 6)], 1)
    return y + w[1]

  # w: weight [Dv] and bias [Dv] for LayerNorm; only weight for RMSNorm
  def vision_norm(self, x: Tensor, w: List[Tensor], eps: float) -> Tensor:
    if len(w) == 2:
      return torch.layer_norm(x, [x.size(2)], w[0], w[1], eps)
    return torch.rms_norm(x, [x.size(2)], w[0], eps)

  # act: 0 tanh-GELU, 1 GELU, 2 x * sigmoid(1.702 x)
  def vision_act(self, x: Tensor, act: int) -> Tensor:
    if act == 0:
      return torch.gelu(x, approximate="tanh")
    if act == 1:
      return torch.gelu(x, approximate="none")
    return x * torch.sigmoid(x * 1.702)

  # q, k, v as [3,I,N,T,H]. w: qkv [3Dv,Dv]; bias: [3Dv]; qk_norm: weights of q and k over all heads, [Dv] each
  def vision_qkv(self, h: Tensor, w: Tensor, bias: List[Tensor], qk_norm: List[Tensor], heads: int, eps: float, dt: int) -> Tensor:
    I, T, D = h.size(0), h.size(1), h.size(2)
    qkv = self.linear(h, w, bias, dt)
    if len(qk_norm) == 2:
      q, k, v = torch.chunk(qkv, 3, -1)
      q = torch.to(torch.rms_norm(torch.to(q, 6), [D], qk_norm[0], eps), dt)
      k = torch.to(torch.rms_norm(torch.to(k, 6), [D], qk_norm[1], eps), dt)
      qkv = torch.cat([q, k, v], -1)
    return qkv.view([I, T, 3, heads, D // heads]).permute([2, 0, 3, 1, 4])

  # Pre-norm transformer layer with bidirectional attention, x_ITD -> y_ITD without its first `drop`
  # tokens (the class token, which is not needed after the last attention).
  # w: qkv [3Dv,Dv], out [Dv,Dv], fc1 [F,Dv], fc2 [Dv,F]; b: out bias, fc1 bias, fc2 bias; qkv_bias:
  # [3Dv]; norm1, norm2: as in vision_norm; scale: layer scale of attention and MLP, [Dv] each
  def vision_layer(self, x: Tensor, w: List[Tensor], b: List[Tensor], qkv_bias: List[Tensor], norm1: List[Tensor], norm2: List[Tensor], qk_norm: List[Tensor], scale: List[Tensor], heads: int, act: int, drop: int, eps: float, dt: int) -> Tensor:
    h = torch.to(self.vision_norm(x, norm1, eps), dt)
    qkv = self.vision_qkv(h, w[0], qkv_bias, qk_norm, heads, eps, dt)
    q, k, v = torch.unbind(qkv, 0)
    o = self.attention(q, k, v, [], False, dt)
    return self.vision_after_attention(x, o, w, b, norm2, scale, act, drop, eps, dt)

  # The layer behind its attention, whose output is o_INTH.
  def vision_after_attention(self, x: Tensor, o: Tensor, w: List[Tensor], b: List[Tensor], norm2: List[Tensor], scale: List[Tensor], act: int, drop: int, eps: float, dt: int) -> Tensor:
    I, T, D = x.size(0), x.size(1), x.size(2)
    o = o.transpose(1, 2).reshape([I, T, D])
    o = self.linear(o, w[1], [b[0]], dt)
    if len(scale) == 2:
      o = o * scale[0]
    x = x + o
    if drop > 0:
      x = x.narrow(1, drop, T - drop)
    h = torch.to(self.vision_norm(x, norm2, eps), dt)
    h = self.vision_act(self.linear(h, w[2], [b[1]], dt), act)
    h = self.linear(h, w[3], [b[2]], dt)
    if len(scale) == 2:
      h = h * scale[1]
    return x + h

  # Vision layer for training: [y, qkv, o] and the attention's weights, if they are no larger than what the MLP keeps,
  # for vision_layer_vjp, the graph cut at the attention; [y] where autograd differentiates that too.
  def vision_layer_recorded(self, x: Tensor, w: List[Tensor], b: List[Tensor], qkv_bias: List[Tensor], norm1: List[Tensor], norm2: List[Tensor], qk_norm: List[Tensor], scale: List[Tensor], heads: int, act: int, drop: int, eps: float, dt: int) -> List[Tensor]:
    if not self.attends_by_products(dt):
      return [self.vision_layer(x, w, b, qkv_bias, norm1, norm2, qk_norm, scale, heads, act, drop, eps, dt)]
    h = torch.to(self.vision_norm(x, norm1, eps), dt)
    qkv = self.vision_qkv(h, w[0], qkv_bias, qk_norm, heads, eps, dt)
    q, k, v = torch.unbind(qkv.detach(), 0)
    attended = self.attention_by_products(q, k, v, False, heads * x.size(1) <= w[2].size(0), dt)
    o = self.leaf(attended[0])
    recorded = [self.vision_after_attention(x, o, w, b, norm2, scale, act, drop, eps, dt), qkv, o]
    for t in self.rest(attended, 1):
      recorded.append(t)
    return recorded

  # Backward pass of vision_layer_recorded; otherwise as vjp.
  def vision_layer_vjp(self, recorded: List[Tensor], x: List[Tensor], w: List[Tensor], g: Tensor, gw: List[Tensor], dt: int) -> List[Tensor]:
    if len(recorded) == 1:
      return self.vjp(recorded[0], x, w, g, gw)
    o = recorded[2]
    above = self.part_vjp([recorded[0]], [o], x, w, [g], gw)
    q, k, v = torch.unbind(recorded[1].detach(), 0)
    dqkv = self.attention_by_products_vjp(q, k, v, above[0], self.rest(recorded, 3), False, dt)
    below = self.part_vjp([recorded[1]], annotate(List[Tensor], []), x, w, [torch.stack(dqkv, 0)], gw)
    if len(x) == 0:
      return annotate(List[Tensor], [])
    return [above[1].add_(below[0])]

  # ---------------------------------------------------------------- projector (TokenFLEX, eq. 1-3)

  # x_ICYX on a rows x cols grid -> side x side; with `enlarge`, upsampled to multiples of side first.
  def pooled(self, x: Tensor, rows: int, cols: int, side: int, enlarge: bool) -> Tensor:
    if enlarge:
      down = (rows + side - 1) // side
      across = (cols + side - 1) // side
      return torch.avg_pool2d(torch.upsample_bilinear2d(x, [down * side, across * side], True), [down, across])
    return torch.adaptive_avg_pool2d(x, [side, side])

  # x_IPD features on a rows x cols grid -> y_IVD with V = side * side.
  # w: f1 and f2 stacked [2F,Dv], g [D,F], f1 and f2 biases [2F], g bias [D], norm weight, norm bias
  def projector(self, x: Tensor, w: List[Tensor], rows: int, cols: int, side: int, enlarge: bool, eps: float, dt: int) -> Tensor:
    I, P, D = x.size(0), x.size(1), x.size(2)
    if rows != side or cols != side:
      x = self.pooled(x.transpose(1, 2).view([I, D, rows, cols]), rows, cols, side, enlarge)
      x = x.view([I, D, side * side]).transpose(1, 2)
    h = torch.to(torch.layer_norm(x, [D], w[4], w[5], eps), dt)
    f1, f2 = torch.chunk(self.linear(h, w[0], [w[2]], dt), 2, -1)
    y = self.linear(torch.silu(f1) * f2, w[1], [w[3]], dt)
    return torch.to(y, 6)

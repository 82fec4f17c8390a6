# Every layer of the model as one TorchScript function: y = f(x, weights, sizes, dt).
#
# Shapes    B samples, I images, P patches, V vision tokens per image, T sequence, S new positions,
#           D hidden size, Dv vision hidden size, N heads, K key/value heads, H head dim,
#           F intermediate size, C channels, Y/X pixel rows and columns, R supervised positions
# dt        compute dtype of the matrix products: 6 = fp32, 15 = bf16. Weights, gradients, residual
#           stream, norms and loss are fp32 always.
# Weights   come in the order of the layer's operands in the Java class of the same name.
# Gradients are added in place to `gw`, the fp32 slices of the gradient arena.
class Kernels(Module):
  training : bool

  # ---------------------------------------------------------------- vector-Jacobian products

  # The chain rule for any layer below: y = f(x, w) was computed with gradients enabled, `g` is the
  # loss's gradient with respect to y. Adds to gw, returns [dx], or [] where x has none.
  def vjp(self, y: Tensor, x: List[Tensor], w: List[Tensor], g: Tensor, gw: List[Tensor]) -> List[Tensor]:
    ins = annotate(List[Tensor], [])
    for t in x:
      ins.append(t)
    for t in w:
      ins.append(t)
    gs = torch.grad([y], ins, annotate(Optional[List[Optional[Tensor]]], [g]), False, False, False)
    dx = annotate(List[Tensor], [])
    dw = annotate(List[Tensor], [])
    for i in range(len(gs)):
      if i < len(x):
        dx.append(unchecked_cast(Tensor, gs[i]))
      else:
        dw.append(unchecked_cast(Tensor, gs[i]))
    if len(gw) > 0: # else the layer is frozen, and _foreach_add_ takes no empty list
      enabled = torch.is_grad_enabled()
      torch.set_grad_enabled(False)
      torch._foreach_add_(gw, dw)
      torch.set_grad_enabled(enabled)
    return dx

  # A layer border: the same values, the start of a new graph.
  def leaf(self, x: Tensor) -> Tensor:
    return x.detach().requires_grad_(True)

  # w: weight [D], bias [D] for LayerNorm; weight alone for RMSNorm
  def norm(self, x: Tensor, w: List[Tensor], eps: float) -> Tensor:
    if len(w) == 2:
      return torch.layer_norm(x, [x.size(2)], w[0], w[1], eps)
    return torch.rms_norm(x, [x.size(2)], w[0], eps)

  # ---------------------------------------------------------------- MLPs without a graph

  # Layers end as y = a + mlp(norm(a)), where a is x plus attention. A layer that trains records the
  # graph of a alone; of the MLP it keeps the first product, the rest is computed again or by formula.
  # The gradients are autograd's to the last bit.

  # Where `t` itself, not an equal tensor, stands; -1 if nowhere.
  def position(self, t: Tensor, among: List[Tensor]) -> int:
    for i in range(len(among)):
      if among[i] is t:
        return i
    return -1

  # Adds p' q to the gradient of w, if w is one of the leaves.
  def add_weight_gradient_(self, w: Tensor, p: Tensor, q: Tensor, leaves: List[Tensor], gw: List[Tensor]) -> None:
    i = self.position(w, leaves)
    if i >= 0:
      gw[i].add_(torch.matmul(p.t(), q))

  # The same for a bias b, whose gradient is the sum of p's rows.
  def add_bias_gradient_(self, b: Tensor, p: Tensor, leaves: List[Tensor], gw: List[Tensor]) -> None:
    i = self.position(b, leaves)
    if i >= 0:
      gw[i].add_(torch.sum(p, [0]))

  # norm(a) and a itself as functions of new leaves: [norm(a), a], [a, w...].
  def norm_again(self, a: Tensor, w: List[Tensor], eps: float, dt: int) -> Tuple[List[Tensor], List[Tensor]]:
    enabled = torch.is_grad_enabled()
    torch.set_grad_enabled(True)
    ins = [self.leaf(a)]
    weights = annotate(List[Tensor], [])
    for t in w:
      weights.append(self.leaf(t))
      ins.append(weights[-1])
    normed = torch.to(self.norm(ins[0], weights, eps), dt)
    residual = ins[0].view(a.size()) # recorded last, so added first, as in one graph of the layer
    torch.set_grad_enabled(enabled)
    return ([normed, residual], ins)

  # The chain rule below the MLP: through its norm, with the residual's gradient g, and on through the
  # graph of a. dh: gradient of norm(a), its rows in one dimension; done: leaves that have theirs already.
  def below_mlp_vjp(self, a: Tensor, outs: List[Tensor], ins: List[Tensor], dh: Tensor, g: Tensor, norm: List[Tensor], done: List[Tensor], x: List[Tensor], leaves: List[Tensor], gw: List[Tensor]) -> List[Tensor]:
    gs = torch.grad(outs, ins, annotate(Optional[List[Optional[Tensor]]], [dh.view(outs[0].size()), g]), False, False, False)
    rest = annotate(List[Tensor], [])
    rest_gw = annotate(List[Tensor], [])
    for i in range(len(leaves)):
      n = self.position(leaves[i], norm)
      if n >= 0:
        gw[i].add_(unchecked_cast(Tensor, gs[n + 1]))
      elif self.position(leaves[i], done) < 0:
        rest.append(leaves[i])
        rest_gw.append(gw[i])
    if len(x) == 0 and len(rest) == 0:
      return annotate(List[Tensor], [])
    return self.vjp(a, x, rest, unchecked_cast(Tensor, gs[0]), rest_gw)

  # ---------------------------------------------------------------- vision (SigLIP, CLIP, InternViT)

  # What a family lacks is an empty list. T tokens are the P patches and, where there is one, the
  # class token before them.

  # x_ICYX pixels -> y_ITD. Pixels right and below that fill no whole patch are not seen, as in a
  # convolution without padding. w: patch weight [Dv,C,p,p], position [T,Dv]; bias: patch bias [Dv];
  # class_token: [Dv]
  def vision_embeddings(self, x: Tensor, w: List[Tensor], bias: List[Tensor], class_token: List[Tensor], patch: int, dt: int) -> Tensor:
    I, C, rows, cols = x.size(0), x.size(1), x.size(2) // patch, x.size(3) // patch
    if x.size(2) != rows * patch or x.size(3) != cols * patch:
      x = x.narrow(2, 0, rows * patch).narrow(3, 0, cols * patch).contiguous()
    p = x.view([I, C, rows, patch, cols, patch]).permute([0, 2, 4, 1, 3, 5])
    p = torch.to(p.reshape([I, rows * cols, C * patch * patch]), dt)
    weight = torch.to(w[0].view([w[0].size(0), -1]), dt)
    if len(bias) == 1:
      y = torch.linear(p, weight, torch.to(bias[0], dt))
    else:
      y = torch.linear(p, weight)
    if len(class_token) == 1:
      y = torch.cat([class_token[0].view([1, 1, -1]).expand([I, 1, -1]), torch.to(y, 6)], 1)
    return y + w[1]

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
    if len(bias) == 1:
      qkv = torch.linear(h, torch.to(w, dt), torch.to(bias[0], dt))
    else:
      qkv = torch.linear(h, torch.to(w, dt))
    if len(qk_norm) == 2:
      q, k, v = torch.chunk(qkv, 3, -1)
      q = torch.to(torch.rms_norm(torch.to(q, 6), [D], qk_norm[0], eps), dt)
      k = torch.to(torch.rms_norm(torch.to(k, 6), [D], qk_norm[1], eps), dt)
      qkv = torch.cat([q, k, v], -1)
    return qkv.view([I, T, 3, heads, D // heads]).permute([2, 0, 3, 1, 4])

  # Pre-norm transformer layer with bidirectional attention, x_ITD -> y_ITD without its first `drop`
  # tokens (the class token, which nothing needs after the last attention).
  # w: qkv [3Dv,Dv], out [Dv,Dv], fc1 [F,Dv], fc2 [Dv,F]; b: out bias, fc1 bias, fc2 bias; qkv_bias:
  # [3Dv]; norm1, norm2: as in norm; scale: what attention and MLP are scaled by, [Dv] each
  def vision_layer(self, x: Tensor, w: List[Tensor], b: List[Tensor], qkv_bias: List[Tensor], norm1: List[Tensor], norm2: List[Tensor], qk_norm: List[Tensor], scale: List[Tensor], heads: int, act: int, drop: int, eps: float, dt: int) -> Tensor:
    x = self.vision_attention(x, w, b, qkv_bias, norm1, qk_norm, scale, heads, drop, eps, dt)
    h = self.vision_fc2(self.vision_fc1(x, w, b, norm2, eps, dt), w, b, act, dt)
    if len(scale) == 2:
      h = h * scale[1]
    return x + h

  # Residual attention, x_ITD -> a_ITD.
  def vision_attention(self, x: Tensor, w: List[Tensor], b: List[Tensor], qkv_bias: List[Tensor], norm1: List[Tensor], qk_norm: List[Tensor], scale: List[Tensor], heads: int, drop: int, eps: float, dt: int) -> Tensor:
    I, T, D = x.size(0), x.size(1), x.size(2)
    h = torch.to(self.norm(x, norm1, eps), dt)
    qkv = self.vision_qkv(h, w[0], qkv_bias, qk_norm, heads, eps, dt)
    o = torch.scaled_dot_product_attention(qkv[0], qkv[1], qkv[2])
    o = o.transpose(1, 2).reshape([I, T, D])
    o = torch.linear(o, torch.to(w[1], dt), torch.to(b[0], dt))
    if len(scale) == 2:
      o = o * scale[0]
    x = x + o
    if drop > 0:
      x = x.narrow(1, drop, T - drop)
    return x

  # a_ITD -> u_ITF
  def vision_fc1(self, a: Tensor, w: List[Tensor], b: List[Tensor], norm2: List[Tensor], eps: float, dt: int) -> Tensor:
    return torch.linear(torch.to(self.norm(a, norm2, eps), dt), torch.to(w[2], dt), torch.to(b[1], dt))

  # u_ITF -> what the layer adds to a_ITD
  def vision_fc2(self, u: Tensor, w: List[Tensor], b: List[Tensor], act: int, dt: int) -> Tensor:
    return torch.linear(self.vision_act(u, act), torch.to(w[3], dt), torch.to(b[2], dt))

  # The layer without `scale`, to be differentiated by vision_layer_vjp: [y, a, u].
  def vision_layer_recorded(self, x: Tensor, w: List[Tensor], b: List[Tensor], qkv_bias: List[Tensor], norm1: List[Tensor], norm2: List[Tensor], qk_norm: List[Tensor], heads: int, act: int, drop: int, eps: float, dt: int) -> List[Tensor]:
    a = self.vision_attention(x, w, b, qkv_bias, norm1, qk_norm, annotate(List[Tensor], []), heads, drop, eps, dt)
    enabled = torch.is_grad_enabled()
    torch.set_grad_enabled(False)
    u = self.vision_fc1(a, w, b, norm2, eps, dt)
    y = a + self.vision_fc2(u, w, b, act, dt)
    torch.set_grad_enabled(enabled)
    return [y, a, u]

  # Its chain rule; leaves: those of all its weights whose gradients are added to gw, the rest as in vjp.
  def vision_layer_vjp(self, a: Tensor, u: Tensor, x: List[Tensor], leaves: List[Tensor], g: Tensor, gw: List[Tensor], w: List[Tensor], b: List[Tensor], norm2: List[Tensor], act: int, eps: float, dt: int) -> List[Tensor]:
    outs, ins = self.norm_again(a, norm2, eps, dt)
    enabled = torch.is_grad_enabled()
    torch.set_grad_enabled(True)
    fc1 = self.leaf(u.view([-1, u.size(2)]))
    activated = self.vision_act(fc1, act)
    torch.set_grad_enabled(False)
    h = outs[0].detach().view([fc1.size(0), -1])
    dy = torch.to(g.reshape(h.size()), dt)
    self.add_weight_gradient_(w[3], dy, activated.detach(), leaves, gw)
    self.add_bias_gradient_(b[2], dy, leaves, gw)
    da = torch.matmul(dy, torch.to(w[3], dt))
    du = unchecked_cast(Tensor, torch.grad([activated], [fc1], annotate(Optional[List[Optional[Tensor]]], [da]), False, False, False)[0])
    self.add_weight_gradient_(w[2], du, h, leaves, gw)
    self.add_bias_gradient_(b[1], du, leaves, gw)
    dh = torch.matmul(du, torch.to(w[2], dt))
    torch.set_grad_enabled(enabled)
    return self.below_mlp_vjp(a, outs, ins, dh, g, norm2, [w[2], w[3], b[1], b[2]], x, leaves, gw)

  # ---------------------------------------------------------------- projector (TokenFLEX, eq. 1-3)

  # x_ICYX on a rows x cols grid -> side x side; where asked, enlarged to multiples of side first.
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
    f1, f2 = torch.chunk(torch.linear(h, torch.to(w[0], dt), torch.to(w[2], dt)), 2, -1)
    y = torch.linear(torch.silu(f1) * f2, torch.to(w[1], dt), torch.to(w[3], dt))
    return torch.to(y, 6)

  # ---------------------------------------------------------------- language (HF Qwen2, Qwen3, Llama)

  # ids_BT and vision_IVD -> x_BTD: token embeddings with the vision tokens written over the flat
  # positions `at` (I*V of them, in reading order).
  def embed(self, ids: Tensor, table: Tensor, vision: List[Tensor], at: Tensor) -> Tensor:
    x = torch.embedding(table, ids)
    if len(vision) == 1:
      flat = x.view([-1, x.size(2)])
      flat.index_copy_(0, at, vision[0].view([-1, x.size(2)]))
    return x

  # The chain rule of embed: adds to g_table ([] where frozen), returns [d_vision] where there is one.
  def embed_vjp(self, dx: Tensor, ids: Tensor, at: Tensor, images: int, g_table: List[Tensor]) -> List[Tensor]:
    D = dx.size(2)
    flat = dx.view([-1, D])
    out = annotate(List[Tensor], [])
    if images > 0:
      out.append(flat.index_select(0, at).view([images, -1, D]))
    if len(g_table) == 1:
      if images > 0:
        flat = flat.index_fill(0, at, 0.0)
      g_table[0].index_add_(0, ids.view([-1]), flat)
    return out

  def rotate(self, x: Tensor, cos: Tensor, sin: Tensor) -> Tensor:
    a, b = torch.chunk(x, 2, -1)
    return x * cos + torch.cat([torch.neg(b), a], -1) * sin

  # table_TH at one position per sample -> (B, 1, 1, H)
  def rotary_rows(self, table: Tensor, rows: Tensor) -> Tensor:
    return table.index_select(0, rows).unsqueeze(1).unsqueeze(1)

  # Every head normed alone, over x_BNTH's last dimension.
  def head_norm(self, x: Tensor, weight: Tensor, eps: float, dt: int) -> Tensor:
    return torch.to(torch.rms_norm(torch.to(x, 6), [x.size(3)], weight, eps), dt)

  # x_BTD -> q_BNTH, k_BKTH, v_BKTH with rotary position embeddings on q and k.
  def decoder_qkv(self, x: Tensor, w: List[Tensor], qkv_bias: List[Tensor], qk_norm: List[Tensor], cos: Tensor, sin: Tensor, heads: int, kv_heads: int, head_dim: int, eps: float, dt: int) -> Tuple[Tensor, Tensor, Tensor]:
    B, T, D = x.size(0), x.size(1), x.size(2)
    h = torch.to(torch.rms_norm(x, [D], w[4], eps), dt)
    if len(qkv_bias) == 1:
      qkv = torch.linear(h, torch.to(w[0], dt), torch.to(qkv_bias[0], dt))
    else:
      qkv = torch.linear(h, torch.to(w[0], dt))
    qkv = qkv.view([B, T, heads + 2 * kv_heads, head_dim]).transpose(1, 2)
    qk = qkv.narrow(1, 0, heads + kv_heads)
    if len(qk_norm) == 2:
      q = self.head_norm(qk.narrow(1, 0, heads), qk_norm[0], eps, dt)
      k = self.head_norm(qk.narrow(1, heads, kv_heads), qk_norm[1], eps, dt)
      qk = torch.cat([q, k], 1)
    qk = self.rotate(qk, torch.to(cos, dt), torch.to(sin, dt))
    return (qk.narrow(1, 0, heads), qk.narrow(1, heads, kv_heads), qkv.narrow(1, heads + kv_heads, kv_heads))

  # Residual output projection after the attention output o_BNTH.
  def attention_out(self, x: Tensor, o: Tensor, w: List[Tensor], dt: int) -> Tensor:
    B, T = x.size(0), x.size(1)
    return x + torch.linear(o.transpose(1, 2).reshape([B, T, -1]), torch.to(w[1], dt))

  # a_BTD -> gate and up side by side, [B,T,2F].
  def gate_up(self, a: Tensor, w: List[Tensor], eps: float, dt: int) -> Tensor:
    h = torch.to(torch.rms_norm(a, [a.size(2)], w[5], eps), dt)
    return torch.linear(h, torch.to(w[2], dt))

  # SwiGLU (Shazeer 2020, arXiv 2002.05202): down(silu(gate) * up).
  def down(self, gate_up: Tensor, w: List[Tensor], dt: int) -> Tensor:
    gate, up = torch.chunk(gate_up, 2, -1)
    return torch.linear(torch.silu(gate) * up, torch.to(w[3], dt))

  # Repeats key/value heads for grouped-query attention (faster on CPU than enable_gqa).
  def per_head(self, x: Tensor, repeats: int) -> Tensor:
    if repeats == 1:
      return x
    return torch.repeat_interleave(x, repeats, 1)

  # Residual causal attention over whole sequences; batches are padded on the right, so no mask is needed.
  # w: qkv [(N+2K)H,D], o [D,NH], gate and up stacked [2F,D], down [D,F], norm1, norm2
  # qkv_bias: [(N+2K)H], Qwen2 only, else []. qk_norm: norms of q and k [H], Qwen3 only, else [].
  def decoder_attention(self, x: Tensor, w: List[Tensor], qkv_bias: List[Tensor], qk_norm: List[Tensor], cos: Tensor, sin: Tensor, heads: int, kv_heads: int, head_dim: int, eps: float, dt: int) -> Tensor:
    q, k, v = self.decoder_qkv(x, w, qkv_bias, qk_norm, cos, sin, heads, kv_heads, head_dim, eps, dt)
    k = self.per_head(k, heads // kv_heads)
    v = self.per_head(v, heads // kv_heads)
    o = torch.scaled_dot_product_attention(q, k, v, None, 0.0, True)
    return self.attention_out(x, o, w, dt)

  # The whole layer, x_BTD -> y_BTD.
  def decoder_layer(self, x: Tensor, w: List[Tensor], qkv_bias: List[Tensor], qk_norm: List[Tensor], cos: Tensor, sin: Tensor, heads: int, kv_heads: int, head_dim: int, eps: float, dt: int) -> Tensor:
    x = self.decoder_attention(x, w, qkv_bias, qk_norm, cos, sin, heads, kv_heads, head_dim, eps, dt)
    return x + self.down(self.gate_up(x, w, eps, dt), w, dt)

  # The same, to be differentiated by decoder_layer_vjp: [y, a, gate_up].
  def decoder_layer_recorded(self, x: Tensor, w: List[Tensor], qkv_bias: List[Tensor], qk_norm: List[Tensor], cos: Tensor, sin: Tensor, heads: int, kv_heads: int, head_dim: int, eps: float, dt: int) -> List[Tensor]:
    a = self.decoder_attention(x, w, qkv_bias, qk_norm, cos, sin, heads, kv_heads, head_dim, eps, dt)
    enabled = torch.is_grad_enabled()
    torch.set_grad_enabled(False)
    gate_up = self.gate_up(a, w, eps, dt)
    y = a + self.down(gate_up, w, dt)
    torch.set_grad_enabled(enabled)
    return [y, a, gate_up]

  # Its chain rule; leaves: those of all its weights whose gradients are added to gw, the rest as in vjp.
  # With m = silu(gate) * up: d up = dm * silu(gate), d gate = dm * up * silu'(gate).
  def decoder_layer_vjp(self, a: Tensor, gate_up: Tensor, x: List[Tensor], leaves: List[Tensor], g: Tensor, gw: List[Tensor], w: List[Tensor], eps: float, dt: int) -> List[Tensor]:
    outs, ins = self.norm_again(a, [w[5]], eps, dt)
    enabled = torch.is_grad_enabled()
    torch.set_grad_enabled(False)
    h = outs[0].detach().view([-1, a.size(2)])
    dy = torch.to(g, dt).view(h.size())
    gate_up = gate_up.view([h.size(0), -1])
    gate, up = torch.chunk(gate_up, 2, -1)
    silu = torch.silu(gate)
    dm = torch.matmul(dy, torch.to(w[3], dt))
    d_gate_up = torch.empty_like(gate_up)
    d_gate, d_up = torch.chunk(d_gate_up, 2, -1)
    torch.mul(dm, silu, out=d_up)
    torch.silu_backward(dm.mul_(up), gate, grad_input=d_gate)
    self.add_weight_gradient_(w[3], dy, silu.mul_(up), leaves, gw)
    self.add_weight_gradient_(w[2], d_gate_up, h, leaves, gw)
    dh = torch.matmul(d_gate_up, torch.to(w[2], dt))
    torch.set_grad_enabled(enabled)
    return self.below_mlp_vjp(a, outs, ins, dh, g, [w[5]], [w[2], w[3]], x, leaves, gw)

  # The same layer for generation: S new positions at `start`, keys and values kept in the caches
  # [B,K,Tmax,H]. mask: [] for a causal prefill at start 0, else one bool [B,1,S,start+S].
  def decoder_layer_cached(self, x: Tensor, w: List[Tensor], qkv_bias: List[Tensor], qk_norm: List[Tensor], cos: Tensor, sin: Tensor, k_cache: Tensor, v_cache: Tensor, start: int, mask: List[Tensor], heads: int, kv_heads: int, head_dim: int, eps: float, dt: int) -> Tensor:
    S = x.size(1)
    q, k, v = self.decoder_qkv(x, w, qkv_bias, qk_norm, cos, sin, heads, kv_heads, head_dim, eps, dt)
    k_cache.narrow(2, start, S).copy_(k)
    v_cache.narrow(2, start, S).copy_(v)
    k = self.per_head(torch.to(k_cache.narrow(2, 0, start + S), dt), heads // kv_heads)
    v = self.per_head(torch.to(v_cache.narrow(2, 0, start + S), dt), heads // kv_heads)
    if len(mask) == 0:
      o = torch.scaled_dot_product_attention(q, k, v, None, 0.0, True)
    else:
      o = torch.scaled_dot_product_attention(q, k, v, mask[0], 0.0, False)
    x = self.attention_out(x, o, w, dt)
    return x + self.down(self.gate_up(x, w, eps, dt), w, dt)

  # ---------------------------------------------------------------- LM head and loss

  # x_BTD -> logits_RV at the flat positions `rows`. w: head [vocab,D], final norm [D]
  def head_logits(self, x: Tensor, w: List[Tensor], rows: Tensor, eps: float, dt: int) -> Tensor:
    D = x.size(2)
    h = torch.rms_norm(x.view([-1, D]).index_select(0, rows), [D], w[1], eps)
    return torch.to(torch.linear(torch.to(h, dt), torch.to(w[0], dt)), 6)

  # g_VD += p_RV' h_RD, a few thousand rows of g at a time: the product is as large as the head.
  def add_product_(self, g: Tensor, p: Tensor, h: Tensor) -> None:
    v = 0
    while v < g.size(0):
      n = min(4096, g.size(0) - v)
      g.narrow(0, v, n).add_(torch.matmul(p.narrow(1, v, n).t(), h))
      v = v + n

  # Sum of the cross entropies at the flat positions `rows` and its gradient: [loss, dx].
  # Never holds more than chunk x vocab logits. d loss / d logits = softmax - onehot.
  # g_head, g_norm: [] where frozen.
  def head_loss_vjp(self, x: Tensor, w: List[Tensor], rows: Tensor, targets: Tensor, chunk: int, eps: float, dt: int, g_head: List[Tensor], g_norm: List[Tensor]) -> List[Tensor]:
    enabled = torch.is_grad_enabled()
    torch.set_grad_enabled(True)
    D, R = x.size(2), rows.size(0)
    supervised = x.detach().view([-1, D]).index_select(0, rows).requires_grad_(True)
    norm = w[1].detach().requires_grad_(True)
    normed = torch.rms_norm(supervised, [D], norm, eps)
    torch.set_grad_enabled(False)
    h = torch.to(normed.detach(), dt)
    head = torch.to(w[0].detach(), dt)
    dh = torch.empty_like(supervised)
    loss = torch.zeros([], dtype=6, device=x.device)
    o = 0
    while o < R:
      n = min(chunk, R - o)
      hc = h.narrow(0, o, n)
      t = targets.narrow(0, o, n).unsqueeze(1)
      p = torch.log_softmax(torch.to(torch.linear(hc, head), 6), -1)
      loss.sub_(torch.sum(torch.gather(p, 1, t)))
      p.exp_()
      p.scatter_add_(1, t, torch.full([n, 1], -1.0, dtype=6, device=x.device))
      pd = torch.to(p, dt)
      dh.narrow(0, o, n).copy_(torch.matmul(pd, head))
      if len(g_head) == 1:
        self.add_product_(g_head[0], pd, hc)
      o = o + n
    gs = torch.grad([normed], [supervised, norm], annotate(Optional[List[Optional[Tensor]]], [dh]), False, False, False)
    if len(g_norm) == 1:
      g_norm[0].add_(unchecked_cast(Tensor, gs[1]))
    dx = torch.zeros_like(x)
    dx.view([-1, D]).index_copy_(0, rows, unchecked_cast(Tensor, gs[0]))
    torch.set_grad_enabled(enabled)
    return [loss, dx]

  # ---------------------------------------------------------------- low-rank adapters

  # w = base + scale b a, all [out,in]; a: [r,in], b: [out,r]
  def lora_merge_(self, w: List[Tensor], base: List[Tensor], a: List[Tensor], b: List[Tensor], scale: float) -> None:
    enabled = torch.is_grad_enabled()
    torch.set_grad_enabled(False)
    for i in range(len(w)):
      w[i].copy_(base[i])
      w[i].addmm_(b[i], a[i], beta=1, alpha=scale)
    torch.set_grad_enabled(enabled)

  # Its chain rule: adds to ga and gb what dw, the gradient of w, says of a and b.
  def lora_gradients_(self, dw: List[Tensor], a: List[Tensor], b: List[Tensor], ga: List[Tensor], gb: List[Tensor], scale: float) -> None:
    enabled = torch.is_grad_enabled()
    torch.set_grad_enabled(False)
    for i in range(len(dw)):
      ga[i].addmm_(b[i].t(), dw[i], beta=1, alpha=scale)
      gb[i].addmm_(dw[i], a[i].t(), beta=1, alpha=scale)
    torch.set_grad_enabled(enabled)

  # ---------------------------------------------------------------- optimizer on flat slices

  # L2 norm over all slices, 0-dim.
  def global_norm(self, g: List[Tensor]) -> Tensor:
    return torch.linalg_vector_norm(torch.stack(torch._foreach_norm(g, 2)), 2)

  def scale_(self, g: List[Tensor], by: float) -> None:
    torch._foreach_mul_(g, by)

  def zero_(self, g: List[Tensor]) -> None:
    torch._foreach_zero_(g)

  # Decoupled weight decay (Loshchilov and Hutter 2019); `step` counts from 1.
  def adamw_(self, p: List[Tensor], g: List[Tensor], m: List[Tensor], v: List[Tensor], step: int, lr: float, beta1: float, beta2: float, decay: float, eps: float) -> None:
    enabled = torch.is_grad_enabled()
    torch.set_grad_enabled(False)
    steps = annotate(List[Tensor], [])
    for t in p:
      steps.append(torch.full([], float(step), dtype=6, device=t.device))
    torch._fused_adamw_(p, g, m, v, annotate(List[Tensor], []), steps, lr=lr, beta1=beta1, beta2=beta2, weight_decay=decay, eps=eps, amsgrad=False, maximize=False)
    torch.set_grad_enabled(enabled)

  # ---------------------------------------------------------------- arenas

  # A window of a contiguous array, with the given shape.
  def view(self, flat: Tensor, offset: int, shape: List[int]) -> Tensor:
    n = 1
    for s in shape:
      n = n * s
    return flat.view([-1]).narrow(0, offset, n).view(shape)

  # A bare product x_MK w_NK -> y_MN: benchmarks measure by it what the device can do at best.
  def product(self, x: Tensor, w: Tensor, dt: int) -> Tensor:
    return torch.linear(torch.to(x, dt), torch.to(w, dt))

  def copy_(self, to: Tensor, values: Tensor) -> None:
    enabled = torch.is_grad_enabled()
    torch.set_grad_enabled(False)
    to.copy_(values)
    torch.set_grad_enabled(enabled)

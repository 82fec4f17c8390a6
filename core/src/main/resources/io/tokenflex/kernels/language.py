  # Part of class Kernels; see kernels.py for shapes and conventions.

  # ---------------------------------------------------------------- language (HF Qwen2, Qwen3, Llama)

  # ids_BT and vision_IVD -> x_BTD: token embeddings, replaced by the vision tokens at the flat
  # positions `at` (the I*V placeholders in order).
  def embed(self, ids: Tensor, table: Tensor, vision: List[Tensor], at: Tensor) -> Tensor:
    x = torch.embedding(table, ids)
    if len(vision) == 1:
      flat = x.view([-1, x.size(2)])
      flat.index_copy_(0, at, vision[0].view([-1, x.size(2)]))
    return x

  # Backward pass of embed: adds to g_table ([] if frozen); returns [d_vision], or [] without images.
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

  # As linear, in fp32 with packed weights over at most 64 rows at a time: with more, oneDNN may sum in
  # another order, and what a row comes to would depend on the rows beside it (docs/answers.md).
  def rows_linear(self, x: Tensor, w: Tensor, bias: List[Tensor], dt: int) -> Tensor:
    K = x.size(-1)
    rows = x.numel() // K
    if dt != 6 or rows <= 64 or not ops.prim.is_mkldnn(w):
      return self.linear(x, w, bias, dt)
    flat = x.reshape([rows, K])
    N = w.size(0)
    y = torch.empty([rows, N], dtype=dt, device=x.device)
    o = 0
    while o < rows:
      n = min(64, rows - o)
      y.narrow(0, o, n).copy_(self.linear(flat.narrow(0, o, n), w, bias, dt))
      o = o + n
    size = x.size()
    size[len(size) - 1] = N
    return y.view(size)

  # Rotary position embeddings (Su et al. 2021, arXiv 2104.09864), half-split layout as in transformers: with
  # x = [a, b] along the last dimension, x cos + [-b, a] sin. The first half of `sin` is negative instead of b;
  # both tables are in the type of x.
  def rotate(self, x: Tensor, cos: Tensor, sin: Tensor) -> Tensor:
    return x * cos + torch.roll(x, [x.size(-1) // 2], [-1]) * sin

  # table_TH at one position per row -> (R, 1, H)
  def rotary_rows(self, table: Tensor, rows: Tensor) -> Tensor:
    return table.index_select(0, rows).unsqueeze(1)

  # RMSNorm (Zhang and Sennrich 2019) in its parts: x r and r = 1 / sqrt(mean of x^2 + eps); times the weight, x r is
  # torch.rms_norm of x to the last bit.
  def rms_normalized(self, x: Tensor, eps: float) -> List[Tensor]:
    r = torch.rsqrt(torch.add(torch.mean(torch.pow(x, 2), [-1], True), eps))
    return [torch.mul(x, r), r]

  # torch.rms_norm of x in the compute type, and r.
  def rms_norm_recorded(self, x: Tensor, w: Tensor, eps: float, dt: int) -> Tuple[Tensor, Tensor]:
    xr, r = self.rms_normalized(x, eps)
    return (torch.to(xr.mul_(w), dt), r)

  # The two parts of the gradient of x, in the order in which autograd adds them to others, given g, that of x r w. Equals
  # autograd's to the last bit in fewer passes: dx = g w r - x r^3 / D sum(g w x).
  def rms_norm_vjp(self, g: Tensor, x: Tensor, w: Tensor, r: Tensor) -> List[Tensor]:
    h = torch.mul(g, w)
    dr = torch.sum(torch.mul(h, x), [-1], True)
    dr = torch.div(torch.mul(torch.mul(dr, -0.5), torch.pow(r, 3)), x.size(-1))
    return [h.mul_(r), torch.mul(x, torch.mul(dr, 2))]

  # Gradient of the weight. Overwrites xr = x r.
  def rms_norm_weight_vjp(self, g: Tensor, xr: Tensor) -> Tensor:
    if xr.dim() == 3:
      return torch.sum(xr.mul_(g), [0, 1])
    return torch.sum(xr.mul_(g), [0])

  # Per-head RMSNorm over the last dimension of x_BNTH.
  def head_norm(self, x: Tensor, weight: Tensor, eps: float, dt: int) -> Tensor:
    return torch.to(torch.rms_norm(torch.to(x, 6), [x.size(3)], weight, eps), dt)

  # The layer's first norm, x_BTD -> h_BTD in the compute type.
  def decoder_norm(self, x: Tensor, w: List[Tensor], eps: float, dt: int) -> Tensor:
    return torch.to(torch.rms_norm(x, [x.size(2)], w[4], eps), dt)

  # h_BTD -> q_BNTH, k_BKTH, v_BKTH with rotary position embeddings on q and k.
  def decoder_qkv(self, h: Tensor, w: List[Tensor], qkv_bias: List[Tensor], qk_norm: List[Tensor], cos: Tensor, sin: Tensor, heads: int, kv_heads: int, head_dim: int, eps: float, dt: int) -> Tuple[Tensor, Tensor, Tensor]:
    B, T = h.size(0), h.size(1)
    qkv = self.rows_linear(h, w[0], qkv_bias, dt)
    qkv = qkv.view([B, T, heads + 2 * kv_heads, head_dim]).transpose(1, 2)
    qk, v = torch.split_with_sizes(qkv, [heads + kv_heads, kv_heads], 1)
    if len(qk_norm) == 2:
      q, k = torch.split_with_sizes(qk, [heads, kv_heads], 1)
      qk = torch.cat([self.head_norm(q, qk_norm[0], eps, dt), self.head_norm(k, qk_norm[1], eps, dt)], 1)
    qk = self.rotate(qk, cos, sin)
    q, k = torch.split_with_sizes(qk, [heads, kv_heads], 1)
    return (q, k, v)

  # Output projection of the attention output o_BNTH, [B,T,D].
  def attention_out(self, o: Tensor, w: List[Tensor], dt: int) -> Tensor:
    B, T = o.size(0), o.size(2)
    return self.linear(o.transpose(1, 2).reshape([B, T, -1]), w[1], [], dt)

  # a_BTD -> gate and up projections, concatenated to [B,T,2F].
  def gate_up(self, a: Tensor, w: List[Tensor], eps: float, dt: int) -> Tensor:
    h = torch.to(torch.rms_norm(a, [a.size(2)], w[5], eps), dt)
    return self.rows_linear(h, w[2], [], dt)

  # SwiGLU (Shazeer 2020, arXiv 2002.05202): down(silu(gate) * up).
  def down(self, gate_up: Tensor, w: List[Tensor], dt: int) -> Tensor:
    gate, up = torch.chunk(gate_up, 2, -1)
    return self.rows_linear(torch.silu(gate).mul_(up), w[3], [], dt)

  # Repeats key/value heads for grouped-query attention.
  def per_head(self, x: Tensor, repeats: int) -> Tensor:
    if repeats == 1:
      return x
    return torch.repeat_interleave(x, repeats, 1)

  # Causal attention of q_BNTH to k_BKTH and v_BKTH, N a multiple of K. On CPUs repeating heads is faster than
  # enable_gqa; on GPUs the flash kernel, for bf16, knows groups, and the one for fp32 does not.
  def causal_attention(self, q: Tensor, k: Tensor, v: Tensor, dt: int) -> Tensor:
    groups = q.size(1) // k.size(1)
    if groups > 1 and self.groups_heads and q.dtype == 15 and not self.widens:
      return torch.scaled_dot_product_attention(q, k, v, None, 0.0, True, scale=None, enable_gqa=True)
    return self.attention(q, self.per_head(k, groups), self.per_head(v, groups), [], True, dt)

  # Causal attention over whole sequences, h_BTD -> [B,T,D]; batches are right-padded, so no padding mask is needed.
  # w: qkv [(N+2K)H,D], o [D,NH], gate and up stacked [2F,D], down [D,F], norm1, norm2
  # qkv_bias: [(N+2K)H], Qwen2 only, else []. qk_norm: norms of q and k [H], Qwen3 only, else [].
  def decoder_attention(self, h: Tensor, w: List[Tensor], qkv_bias: List[Tensor], qk_norm: List[Tensor], cos: Tensor, sin: Tensor, heads: int, kv_heads: int, head_dim: int, eps: float, dt: int) -> Tensor:
    q, k, v = self.decoder_qkv(h, w, qkv_bias, qk_norm, cos, sin, heads, kv_heads, head_dim, eps, dt)
    return self.attention_out(self.causal_attention(q, k, v, dt), w, dt)

  # Decoder layer, x_BTD -> y_BTD.
  def decoder_layer(self, x: Tensor, w: List[Tensor], qkv_bias: List[Tensor], qk_norm: List[Tensor], cos: Tensor, sin: Tensor, heads: int, kv_heads: int, head_dim: int, eps: float, dt: int) -> Tensor:
    x = x + self.decoder_attention(self.decoder_norm(x, w, eps, dt), w, qkv_bias, qk_norm, cos, sin, heads, kv_heads, head_dim, eps, dt)
    return x + self.down(self.gate_up(x, w, eps, dt), w, dt)

  # Decoder layer for training: returns [y, x, r, h, a, ra, gate_up, ...] for decoder_layer_vjp, with r and ra of the
  # norms. Autograd records only from h, the leaf, to the attention's output, which follows; where attention is by
  # products, only to q, k and v, which follow with o and the attention's weights, if they are no larger than gate_up.
  # Of the MLP, gate_up is kept and the rest recomputed in the backward pass.
  def decoder_layer_recorded(self, x: Tensor, w: List[Tensor], qkv_bias: List[Tensor], qk_norm: List[Tensor], cos: Tensor, sin: Tensor, heads: int, kv_heads: int, head_dim: int, eps: float, dt: int) -> List[Tensor]:
    enabled = torch.is_grad_enabled()
    torch.set_grad_enabled(False)
    x = x.detach()
    h, r = self.rms_norm_recorded(x, w[4], eps, dt)
    h = self.leaf(h)
    torch.set_grad_enabled(enabled)
    kept = annotate(List[Tensor], [])
    if self.attends_by_products(dt):
      q, k, v = self.decoder_qkv(h, w, qkv_bias, qk_norm, cos, sin, heads, kv_heads, head_dim, eps, dt)
      torch.set_grad_enabled(False)
      attended = self.attention_by_products(q, k, v, True, heads * x.size(1) <= w[2].size(0), dt)
      o = attended[0].transpose(1, 2).reshape([x.size(0), x.size(1), -1])
      a = x + self.linear(o, w[1], [], dt)
      kept = [q, k, v, o]
      for t in self.rest(attended, 1):
        kept.append(t)
    else:
      out = self.decoder_attention(h, w, qkv_bias, qk_norm, cos, sin, heads, kv_heads, head_dim, eps, dt)
      torch.set_grad_enabled(False)
      a = x + out
      kept = [out]
    ha, ra = self.rms_norm_recorded(a, w[5], eps, dt)
    gate_up = self.linear(ha, w[2], [], dt)
    y = torch.to(self.down(gate_up, w, dt), 6).add_(a)
    torch.set_grad_enabled(enabled)
    recorded = [y, x, r, h, a, ra, gate_up]
    for t in kept:
      recorded.append(t)
    return recorded

  # Backward pass of decoder_layer_recorded, bit-equal to autograd's where that differentiates the attention.
  # leaves: the weights whose gradients are added to gw; otherwise as in vjp.
  # With m = silu(gate) * up: d up = dm * silu(gate), d gate = dm * up * silu'(gate). They overwrite
  # gate_up, because allocating fresh memory costs more than the arithmetic.
  def decoder_layer_vjp(self, recorded: List[Tensor], inputs: List[Tensor], leaves: List[Tensor], g: Tensor, gw: List[Tensor], w: List[Tensor], eps: float, dt: int) -> List[Tensor]:
    x, r, a, ra, gate_up = recorded[1], recorded[2], recorded[4], recorded[5], recorded[6]
    enabled = torch.is_grad_enabled()
    torch.set_grad_enabled(False)
    xr = torch.mul(a, ra)
    h = torch.to(torch.mul(xr, w[5]), dt).view([-1, a.size(2)])
    dy = torch.to(g, dt).view(h.size())
    gate_up = gate_up.view([h.size(0), -1])
    gate, up = torch.chunk(gate_up, 2, -1)
    silu = torch.silu(gate)
    m = silu * up
    self.add_weight_gradient_(w[3], dy, m, leaves, gw, dt)
    dm = self.matmul(dy, torch.to(w[3], dt), dt)
    torch.mul(dm, up, out=m)
    torch.mul(dm, silu, out=up)
    torch.silu_backward(m, gate, grad_input=gate)
    self.add_weight_gradient_(w[2], gate_up, h, leaves, gw, dt)
    dh = self.matmul(gate_up, torch.to(w[2], dt), dt).view(a.size())
    dnormed = torch.to(dh, 6)
    attention_leaves = annotate(List[Tensor], [])
    attention_gw = annotate(List[Tensor], [])
    for i in range(len(leaves)):
      if leaves[i] is w[5]:
        gw[i].add_(self.rms_norm_weight_vjp(dnormed, xr))
      elif self.position(leaves[i], [w[2], w[3], w[4]]) < 0:
        attention_leaves.append(leaves[i])
        attention_gw.append(gw[i])
    norm = self.position(w[4], leaves)
    needed = len(inputs) > 0 or norm >= 0
    if not needed and len(attention_leaves) == 0:
      torch.set_grad_enabled(enabled)
      return annotate(List[Tensor], [])
    scaled, projected = self.rms_norm_vjp(dnormed, a, w[5], ra)
    da = scaled.add_(g).add_(projected)
    # The attention, from h on.
    leaf = annotate(List[Tensor], [])
    if needed:
      leaf = [recorded[3]]
    rounded = torch.to(da, dt)
    torch.set_grad_enabled(enabled)
    if len(recorded) == 8:
      dh_needed = self.part_vjp([recorded[7]], leaf, annotate(List[Tensor], []), attention_leaves, [rounded], attention_gw)
    else:
      dh_needed = self.decoder_attention_vjp(recorded, leaf, attention_leaves, rounded, attention_gw, w, dt)
    if not needed:
      return annotate(List[Tensor], [])
    torch.set_grad_enabled(False)
    dnormed = torch.to(dh_needed[0], 6)
    if norm >= 0:
      gw[norm].add_(self.rms_norm_weight_vjp(dnormed, torch.mul(x, r)))
    dx = annotate(List[Tensor], [])
    if len(inputs) > 0:
      scaled, projected = self.rms_norm_vjp(dnormed, x, w[4], r)
      dx.append(scaled.add_(da).add_(projected))
    torch.set_grad_enabled(enabled)
    return dx

  # Backward pass of the attention by products, given the gradient of its output: that of h, if it is in `leaf`.
  def decoder_attention_vjp(self, recorded: List[Tensor], leaf: List[Tensor], leaves: List[Tensor], dout: Tensor, gw: List[Tensor], w: List[Tensor], dt: int) -> List[Tensor]:
    q, k, v, o = recorded[7], recorded[8], recorded[9], recorded[10]
    enabled = torch.is_grad_enabled()
    torch.set_grad_enabled(False)
    dout = dout.view([-1, dout.size(2)])
    self.add_weight_gradient_(w[1], dout, o.view([dout.size(0), -1]), leaves, gw, dt)
    do = self.matmul(dout, torch.to(w[1], dt), dt).view([q.size(0), q.size(2), q.size(1), q.size(3)]).transpose(1, 2)
    dqkv = self.attention_by_products_vjp(q.detach(), k.detach(), v.detach(), do, self.rest(recorded, 11), True, dt)
    torch.set_grad_enabled(enabled)
    return self.part_vjp([q, k, v], leaf, annotate(List[Tensor], []), leaves, dqkv, gw)

  # Decoder layer for generation, over the new rows of several sequences one after the other, then
  # padding: x_1RD -> y_1RD. Sequence i has `counts[i]` new rows, its keys and values lie in row
  # `slots[i]` of the caches [B,K,Tmax,H], `starts[i]` positions so far; several new rows only at start 0.
  # cos, sin: [R,1,H]. Attention is computed per sequence, so it depends on nothing but the sequence;
  # a lone new row takes the query heads of a key/value head for rows, so that no key is repeated.
  def decoder_layer_cached(self, x: Tensor, w: List[Tensor], qkv_bias: List[Tensor], qk_norm: List[Tensor], cos: Tensor, sin: Tensor, k_cache: Tensor, v_cache: Tensor, slots: List[int], starts: List[int], counts: List[int], heads: int, kv_heads: int, head_dim: int, eps: float, dt: int) -> Tensor:
    h = self.decoder_norm(x, w, eps, dt)
    q, k, v = self.decoder_qkv(h.transpose(0, 1), w, qkv_bias, qk_norm, cos.unsqueeze(1), sin.unsqueeze(1), heads, kv_heads, head_dim, eps, dt)
    q, k, v = q.squeeze(2), k.squeeze(2), v.squeeze(2)
    groups = heads // kv_heads
    o = torch.zeros([x.size(1), heads, head_dim], dtype=dt, device=x.device)
    row = 0
    for i in range(len(slots)):
      n, end = counts[i], starts[i] + counts[i]
      keys = k_cache.select(0, slots[i]).narrow(1, 0, end)
      values = v_cache.select(0, slots[i]).narrow(1, 0, end)
      keys.narrow(1, starts[i], n).copy_(k.narrow(0, row, n).transpose(0, 1))
      values.narrow(1, starts[i], n).copy_(v.narrow(0, row, n).transpose(0, 1))
      keys, values = keys.unsqueeze(0), values.unsqueeze(0)
      query, out = q.narrow(0, row, n), o.narrow(0, row, n)
      if n == 1:
        query = query.view([1, kv_heads, groups, head_dim])
        out.view([1, kv_heads, groups, head_dim]).copy_(self.attention(query, keys, values, [], False, dt))
      else:
        query = query.transpose(0, 1).unsqueeze(0)
        a = self.causal_attention(query, keys, values, dt)
        out.copy_(a.squeeze(0).transpose(0, 1))
      row = row + n
    x = x + self.rows_linear(o.view([1, x.size(1), -1]), w[1], [], dt)
    return x + self.down(self.gate_up(x, w, eps, dt), w, dt)

  # An array for keys or values in the compute type; its content is undefined.
  def key_value_cache(self, like: Tensor, shape: List[int], dt: int) -> Tensor:
    return torch.empty(shape, dtype=dt, device=like.device)

  # Log-probabilities of one token a row under softmax(logits_BV), [B].
  def log_probabilities(self, logits: Tensor, ids: Tensor) -> Tensor:
    return torch.gather(torch.log_softmax(logits, -1), 1, ids.unsqueeze(1)).squeeze(1)

  # The largest probability of softmax(logits_BV) less the second largest, [B].
  def margins(self, logits: Tensor) -> Tensor:
    top, at = torch.topk(torch.softmax(logits, -1), min(2, logits.size(1)), -1)
    if top.size(1) == 1:
      return top.select(1, 0)
    return top.select(1, 0) - top.select(1, 1)

  # ---------------------------------------------------------------- LM head and loss

  # x_BTD -> logits_RV at the flat positions `rows`. w: head [vocab,D], final norm [D]
  def head_logits(self, x: Tensor, w: List[Tensor], rows: Tensor, eps: float, dt: int) -> Tensor:
    D = x.size(2)
    h = torch.rms_norm(x.view([-1, D]).index_select(0, rows), [D], w[1], eps)
    return torch.to(self.rows_linear(torch.to(h, dt), w[0], [], dt), 6)

  # g_VD += p_RV' h_RD in blocks of rows of g, because the whole product is as large as the LM head.
  def add_product_(self, g: Tensor, p: Tensor, h: Tensor, dt: int) -> None:
    v = 0
    while v < g.size(0):
      n = min(4096, g.size(0) - v)
      g.narrow(0, v, n).add_(self.matmul(p.narrow(1, v, n).t(), h, dt))
      v = v + n

  # Sum of the cross entropies at the flat positions `rows` and its gradient: [loss, dx].
  # Holds at most chunk x vocab logits. d loss / d logits = softmax - onehot.
  # g_head, g_norm: [] if frozen.
  def head_loss_vjp(self, x: Tensor, w: List[Tensor], rows: Tensor, targets: Tensor, chunk: int, eps: float, dt: int, g_head: List[Tensor], g_norm: List[Tensor]) -> List[Tensor]:
    enabled = torch.is_grad_enabled()
    torch.set_grad_enabled(False)
    D, R = x.size(2), rows.size(0)
    supervised = x.view([-1, D]).index_select(0, rows)
    xr, r = self.rms_normalized(supervised, eps)
    h = torch.to(torch.mul(xr, w[1]), dt)
    head = self.wide(torch.to(w[0], dt))
    dh = torch.empty_like(supervised)
    loss = torch.zeros([], dtype=6, device=x.device)
    o = 0
    while o < R:
      n = min(chunk, R - o)
      hc = h.narrow(0, o, n)
      t = targets.narrow(0, o, n).unsqueeze(1)
      p = torch.log_softmax(torch.to(self.matmul(hc, head.t(), dt), 6), -1)
      loss.sub_(torch.sum(torch.gather(p, 1, t)))
      p.exp_()
      p.scatter_add_(1, t, torch.full([n, 1], -1.0, dtype=6, device=x.device))
      pd = torch.to(p, dt)
      dh.narrow(0, o, n).copy_(self.matmul(pd, head, dt))
      if len(g_head) == 1:
        self.add_product_(g_head[0], pd, hc, dt)
      o = o + n
    if len(g_norm) == 1:
      g_norm[0].add_(self.rms_norm_weight_vjp(dh, xr))
    scaled, projected = self.rms_norm_vjp(dh, supervised, w[1], r)
    dx = torch.zeros_like(x)
    dx.view([-1, D]).index_copy_(0, rows, scaled.add_(projected))
    torch.set_grad_enabled(enabled)
    return [loss, dx]

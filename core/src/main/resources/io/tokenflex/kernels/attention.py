  # Part of class Kernels; see kernels.py for shapes and conventions.

  # ---------------------------------------------------------------- attention by products
  #
  # Attention of whole sequences as batched products and softmax, for processors that multiply bf16: PyTorch's
  # fused attention multiplies in pieces too small for them and computes its gradient at a third of the speed.
  # Scores and softmax are fp32. Rows of queries are cut into blocks, whose scores stay in the processor's cache; a
  # causal block meets only the keys up to its end. The queries of one key head lie one after the other, so that no
  # key is repeated. A pair is a sample with one of its key heads.

  # Whether training in dt computes attention so. Inference does not: one new row at a time is no product.
  def attends_by_products(self, dt: int) -> bool:
    return self.by_products and dt == 15

  # How many pairs, and how many of their rows, are computed at once: about 2 MB of scores, and at least 64 rows.
  # Small causal blocks skip more of the mask.
  def attention_block(self, pairs: int, groups: int, T: int, causal: bool) -> Tuple[int, int]:
    scores = 524288
    rows = T
    if causal:
      rows = min(T, 64)
    n = max(1, min(pairs, scores // (groups * T * rows)))
    return (n, min(rows, max(64, scores // (n * groups * T))))

  # softmax(q k') of one block, rounded. q_PGSH: rows from `start` on; k_PHT: all keys up to the last that a row
  # sees, transposed, fp32 and scaled
  def attention_weights(self, q: Tensor, k: Tensor, start: int, causal: bool, dt: int) -> Tensor:
    P, G, S, H, T = q.size(0), q.size(1), q.size(2), q.size(3), k.size(2)
    scores = torch.bmm(torch.to(q, 6).reshape([P, G * S, H]), k)
    if causal:
      future = torch.triu(torch.full([S, S], -3.0e38, dtype=6, device=q.device), 1)
      scores.view([P, G, S, T]).narrow(3, start, S).add_(future)
    return torch.to(torch.softmax(scores, -1), dt)

  # q_BNTH, k_BKTH, v_BKTH -> o_BNTH; N is a multiple of K. Returns [o], then the weights of every block if they
  # are to be kept.
  def attention_by_products(self, q: Tensor, k: Tensor, v: Tensor, causal: bool, keep: bool, dt: int) -> List[Tensor]:
    B, N, T, H, K = q.size(0), q.size(1), q.size(2), q.size(3), k.size(1)
    P, G = B * K, N // K
    q = q.reshape([P, G, T, H])
    v = v.reshape([P, T, H])
    keys = torch.mul(torch.to(k, 6), H ** -0.5).reshape([P, T, H]).transpose(1, 2)
    o = torch.empty([P, G, T, H], dtype=dt, device=q.device)
    out = [o.view([B, N, T, H])]
    pairs, rows = self.attention_block(P, G, T, causal)
    p = 0
    while p < P:
      n = min(pairs, P - p)
      r = 0
      while r < T:
        s = min(rows, T - r)
        seen = T
        if causal:
          seen = r + s
        weights = self.attention_weights(q.narrow(0, p, n).narrow(2, r, s), keys.narrow(0, p, n).narrow(2, 0, seen), r, causal, dt)
        block = torch.bmm(weights, v.narrow(0, p, n).narrow(1, 0, seen))
        o.narrow(0, p, n).narrow(2, r, s).copy_(block.view([n, G, s, H]))
        if keep:
          out.append(weights)
        r = r + s
      p = p + n
    return out

  # Gradients of q, k and v, given that of o. kept: the weights of every block, or [] to compute them again.
  # With s = softmax(q k') and o = s v: dv = s' do, ds = do v', dq = d(q k') k, dk = d(q k')' q.
  def attention_by_products_vjp(self, q: Tensor, k: Tensor, v: Tensor, do: Tensor, kept: List[Tensor], causal: bool, dt: int) -> List[Tensor]:
    B, N, T, H, K = q.size(0), q.size(1), q.size(2), q.size(3), k.size(1)
    P, G = B * K, N // K
    scale = H ** -0.5
    q = q.reshape([P, G, T, H])
    k = k.reshape([P, T, H])
    v = v.reshape([P, T, H]).transpose(1, 2)
    do = do.reshape([P, G, T, H])
    keys = k
    if len(kept) == 0:
      keys = torch.mul(torch.to(k, 6), scale).transpose(1, 2)
    dq = torch.empty_like(q)
    dk = torch.zeros([P, T, H], dtype=6, device=q.device)
    dv = torch.zeros([P, T, H], dtype=6, device=q.device)
    pairs, rows = self.attention_block(P, G, T, causal)
    i = 0
    p = 0
    while p < P:
      n = min(pairs, P - p)
      r = 0
      while r < T:
        s = min(rows, T - r)
        seen = T
        if causal:
          seen = r + s
        queries = q.narrow(0, p, n).narrow(2, r, s)
        if len(kept) == 0:
          weights = self.attention_weights(queries, keys.narrow(0, p, n).narrow(2, 0, seen), r, causal, dt)
        else:
          weights = kept[i]
        queries = queries.reshape([n, G * s, H])
        dblock = do.narrow(0, p, n).narrow(2, r, s).reshape([n, G * s, H])
        dv.narrow(0, p, n).narrow(1, 0, seen).add_(torch.to(torch.bmm(weights.transpose(1, 2), dblock), 6))
        dweights = torch.bmm(dblock, v.narrow(0, p, n).narrow(2, 0, seen))
        dscores = torch._softmax_backward_data(dweights, weights, -1, dt)
        dq.narrow(0, p, n).narrow(2, r, s).copy_(torch.bmm(dscores, k.narrow(0, p, n).narrow(1, 0, seen)).view([n, G, s, H]))
        dk.narrow(0, p, n).narrow(1, 0, seen).add_(torch.to(torch.bmm(dscores.transpose(1, 2), queries), 6))
        i = i + 1
        r = r + s
      p = p + n
    dk = torch.to(dk.mul_(scale), dt)
    return [dq.mul_(scale).view([B, N, T, H]), dk.view([B, K, T, H]), torch.to(dv, dt).view([B, K, T, H])]

  # What follows the first n.
  def rest(self, tensors: List[Tensor], n: int) -> List[Tensor]:
    out = annotate(List[Tensor], [])
    for i in range(len(tensors)):
      if i >= n:
        out.append(tensors[i])
    return out

  # Part of class Kernels; see kernels.py for shapes and conventions.

  # ---------------------------------------------------------------- attention by products
  #
  # Attention of whole sequences as batched products and softmax, for processors that multiply bf16: PyTorch's
  # fused attention multiplies in pieces too small for them and computes its gradient at a third of the speed.
  # Scores and softmax are fp32. Rows of queries are cut into blocks, whose scores stay in the processor's cache; a
  # causal block meets only the keys up to its end. The queries of one key head are rows of one product, so that no key
  # is repeated. A pair is a sample with one of its key heads.

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

  # x_BNTH -> x_PRH, the rows of every pair: first by position, then by query head.
  def rows_of_pairs(self, x: Tensor, K: int) -> Tensor:
    B, N, T, H = x.size(0), x.size(1), x.size(2), x.size(3)
    if N == K:
      return x.reshape([B * K, T, H])
    return x.view([B, K, N // K, T, H]).transpose(2, 3).reshape([B * K, T * (N // K), H])

  # Its inverse for N query heads.
  def heads_of_pairs(self, x: Tensor, B: int, N: int) -> Tensor:
    K, H = x.size(0) // B, x.size(2)
    G = N // K
    if G == 1:
      return x.view([B, N, -1, H])
    return x.view([B, K, -1, G, H]).transpose(2, 3).reshape([B, N, -1, H])

  # What is added to the scores of S rows with the keys at their own positions: [S,1,S], or [] where all are seen.
  def future(self, S: int, causal: bool, like: Tensor) -> List[Tensor]:
    if causal:
      return [torch.triu(torch.full([S, S], -3.0e38, dtype=6, device=like.device), 1).unsqueeze(1)]
    return annotate(List[Tensor], [])

  # softmax(q k') of one block, rounded. q_PRH: its rows, fp32; k_PHT: all keys up to the last that a row sees,
  # transposed, fp32 and scaled
  def attention_weights(self, q: Tensor, k: Tensor, future: List[Tensor], dt: int) -> Tensor:
    scores = torch.bmm(q, k)
    if len(future) == 1:
      S, T = future[0].size(0), k.size(2)
      scores.view([q.size(0), S, -1, T]).narrow(3, T - S, S).add_(future[0])
    return torch.to(torch.softmax(scores, -1), dt)

  # q_BNTH, k_BKTH, v_BKTH -> o_BNTH; N is a multiple of K. Returns [o], then the weights of every block if they
  # are to be kept.
  def attention_by_products(self, q: Tensor, k: Tensor, v: Tensor, causal: bool, keep: bool, dt: int) -> List[Tensor]:
    B, N, T, H, K = q.size(0), q.size(1), q.size(2), q.size(3), k.size(1)
    P, G = B * K, N // K
    rows_q = torch.to(self.rows_of_pairs(q, K), 6)
    keys = torch.mul(torch.to(k, 6), H ** -0.5).reshape([P, T, H]).transpose(1, 2)
    values = v.reshape([P, T, H])
    o = torch.empty([P, T * G, H], dtype=dt, device=q.device)
    kept = annotate(List[Tensor], [])
    pairs, rows = self.attention_block(P, G, T, causal)
    p = 0
    while p < P:
      n = min(pairs, P - p)
      qp, kp, vp, op = rows_q.narrow(0, p, n), keys.narrow(0, p, n), values.narrow(0, p, n), o.narrow(0, p, n)
      future = self.future(min(rows, T), causal, q)
      r = 0
      while r < T:
        s = min(rows, T - r)
        seen = T
        if causal:
          seen = r + s
          if s < rows:
            future = self.future(s, causal, q)
        weights = self.attention_weights(qp.narrow(1, r * G, s * G), kp.narrow(2, 0, seen), future, dt)
        torch.bmm(weights, vp.narrow(1, 0, seen), out=op.narrow(1, r * G, s * G))
        if keep:
          kept.append(weights)
        r = r + s
      p = p + n
    out = [self.heads_of_pairs(o, B, N)]
    for t in kept:
      out.append(t)
    return out

  # Gradients of q, k and v, given that of o. kept: the weights of every block, or [] to compute them again.
  # With s = softmax(q k') and o = s v: dv = s' do, ds = do v', dq = d(q k') k, dk = d(q k')' q.
  def attention_by_products_vjp(self, q: Tensor, k: Tensor, v: Tensor, do: Tensor, kept: List[Tensor], causal: bool, dt: int) -> List[Tensor]:
    B, N, T, H, K = q.size(0), q.size(1), q.size(2), q.size(3), k.size(1)
    P, G = B * K, N // K
    scale = H ** -0.5
    q = self.rows_of_pairs(q, K)
    do = self.rows_of_pairs(do, K)
    k = k.reshape([P, T, H])
    v = v.reshape([P, T, H]).transpose(1, 2)
    keys, rows_q = k, q
    if len(kept) == 0:
      keys = torch.mul(torch.to(k, 6), scale).transpose(1, 2)
      rows_q = torch.to(q, 6)
    pairs, rows = self.attention_block(P, G, T, causal)
    # Several blocks of rows add to the gradient of a key, in fp32.
    added = rows < T
    dq = torch.empty_like(q)
    if added:
      dk = torch.zeros([P, T, H], dtype=6, device=q.device)
      dv = torch.zeros([P, T, H], dtype=6, device=q.device)
    else:
      dk = torch.empty_like(k)
      dv = torch.empty_like(k)
    i = 0
    p = 0
    while p < P:
      n = min(pairs, P - p)
      qp, kp, vp, dop = q.narrow(0, p, n), k.narrow(0, p, n), v.narrow(0, p, n), do.narrow(0, p, n)
      dqp, dkp, dvp = dq.narrow(0, p, n), dk.narrow(0, p, n), dv.narrow(0, p, n)
      r = 0
      while r < T:
        s = min(rows, T - r)
        seen = T
        if causal:
          seen = r + s
        if len(kept) == 0:
          weights = self.attention_weights(rows_q.narrow(0, p, n).narrow(1, r * G, s * G), keys.narrow(0, p, n).narrow(2, 0, seen), self.future(s, causal, q), dt)
        else:
          weights = kept[i]
        queries, dblock = qp.narrow(1, r * G, s * G), dop.narrow(1, r * G, s * G)
        dscores = torch._softmax_backward_data(torch.bmm(dblock, vp.narrow(2, 0, seen)), weights, -1, dt)
        torch.bmm(dscores, kp.narrow(1, 0, seen), out=dqp.narrow(1, r * G, s * G))
        if added:
          dvp.narrow(1, 0, seen).add_(torch.bmm(weights.transpose(1, 2), dblock))
          dkp.narrow(1, 0, seen).add_(torch.bmm(dscores.transpose(1, 2), queries))
        else:
          torch.bmm(weights.transpose(1, 2), dblock, out=dvp)
          torch.bmm(dscores.transpose(1, 2), queries, out=dkp)
        i = i + 1
        r = r + s
      p = p + n
    dk = torch.to(dk.mul_(scale), dt)
    return [self.heads_of_pairs(dq.mul_(scale), B, N), dk.view([B, K, T, H]), torch.to(dv, dt).view([B, K, T, H])]

  # What follows the first n.
  def rest(self, tensors: List[Tensor], n: int) -> List[Tensor]:
    out = annotate(List[Tensor], [])
    for i in range(len(tensors)):
      if i >= n:
        out.append(tensors[i])
    return out

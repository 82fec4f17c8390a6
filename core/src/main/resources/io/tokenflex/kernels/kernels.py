# TorchScript kernels: each layer of the model is one function y = f(x, weights, sizes, dt).
#
# Shapes    B samples, I images, P patches, V vision tokens per image, T sequence, S new positions,
#           D hidden size, Dv vision hidden size, N heads, K key/value heads, H head dim,
#           F intermediate size, C channels, Y/X pixel rows and columns, R supervised positions
# dt        compute dtype of the matrix products: 6 = fp32, 15 = bf16. Gradients, residual stream, norms and
#           loss are fp32 always, weights are fp32 or, those of products, in dt already.
# widens    emulates bf16 products: fp32 products of rounded factors, the result rounded. Accumulates
#           in fp32 as hardware with bf16 does, and is many times faster than bf16 in software.
# groups_heads  PyTorch's attention in bf16 is given key/value heads as they are, for query heads in groups.
# by_products   attention is trained in bf16 by products of its own; see attention.py.
# Weights   in the order of the layer's operands in the Java class of the same name.
# Gradients are added in place to `gw`, views of the segment's flat fp32 gradients.
#
# One class in six files: differentiation and views here; attention.py; vision.py, with the projector;
# language.py, with the loss; training.py; packed.py, or unpacked.py where libtorch has no oneDNN.
class Kernels(Module):
  training : bool
  widens : bool
  by_products : bool
  groups_heads : bool

  # ---------------------------------------------------------------- products

  def wide(self, t: Tensor) -> Tensor:
    if self.widens:
      return torch.to(t, 6)
    return t

  # Matrix product p q; both factors are in the compute type.
  def matmul(self, p: Tensor, q: Tensor, dt: int) -> Tensor:
    return torch.to(torch.matmul(self.wide(p), self.wide(q)), dt)

  # x w' + bias; weights are fp32 and cast to dt, or come from `pack`. bias: [] or [b]
  def linear(self, x: Tensor, w: Tensor, bias: List[Tensor], dt: int) -> Tensor:
    if ops.prim.is_mkldnn(w):
      return self.packed_linear(x, w, bias, dt)
    w = self.wide(torch.to(w, dt))
    if len(bias) == 1:
      return torch.to(torch.linear(self.wide(x), w, self.wide(torch.to(bias[0], dt))), dt)
    return torch.to(torch.linear(self.wide(x), w), dt)

  # q_BNSH, k_BNTH, v_BNTH -> o_BNSH. mask: [] or one bool, broadcast to [B,N,S,T]
  def attention(self, q: Tensor, k: Tensor, v: Tensor, mask: List[Tensor], causal: bool, dt: int) -> Tensor:
    q, k, v = self.wide(q), self.wide(k), self.wide(v)
    if len(mask) == 1:
      return torch.to(torch.scaled_dot_product_attention(q, k, v, mask[0], 0.0, causal), dt)
    return torch.to(torch.scaled_dot_product_attention(q, k, v, None, 0.0, causal), dt)

  # ---------------------------------------------------------------- vector-Jacobian products

  # Vector-Jacobian product of any layer below: y = f(x, w) was computed with gradients enabled, `g` is
  # the gradient of the loss with respect to y. Adds to gw; returns [dx], or [] if dx is not needed.
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
    if len(gw) > 0: # empty for a frozen layer, which _foreach_add_ rejects
      enabled = torch.is_grad_enabled()
      torch.set_grad_enabled(False)
      torch._foreach_add_(gw, dw)
      torch.set_grad_enabled(enabled)
    return dx

  # Vector-Jacobian product of one part of a layer whose graph is in parts: ys = f(cut, x, w), of which w may be
  # for other parts. Adds to gw; returns the gradients of `cut`, then of x.
  def part_vjp(self, ys: List[Tensor], cut: List[Tensor], x: List[Tensor], w: List[Tensor], gs: List[Tensor], gw: List[Tensor]) -> List[Tensor]:
    ins = annotate(List[Tensor], [])
    for t in cut:
      ins.append(t)
    for t in x:
      ins.append(t)
    n = len(ins)
    for t in w:
      ins.append(t)
    given = annotate(List[Optional[Tensor]], [])
    for t in gs:
      given.append(t)
    found = torch.grad(ys, ins, given, False, False, True)
    dx = annotate(List[Tensor], [])
    enabled = torch.is_grad_enabled()
    torch.set_grad_enabled(False)
    for i in range(len(found)):
      d = found[i]
      if d is not None:
        if i < n:
          dx.append(unchecked_cast(Tensor, d))
        else:
          gw[i - n].add_(unchecked_cast(Tensor, d)) # not a list of them for _foreach_add_: TorchScript drops that as dead
    torch.set_grad_enabled(enabled)
    return dx

  # Index of `t` (by identity, not value); -1 if absent.
  def position(self, t: Tensor, among: List[Tensor]) -> int:
    for i in range(len(among)):
      if among[i] is t:
        return i
    return -1

  # Adds p' q to the gradient of w if w is one of the leaves.
  def add_weight_gradient_(self, w: Tensor, p: Tensor, q: Tensor, leaves: List[Tensor], gw: List[Tensor], dt: int) -> None:
    i = self.position(w, leaves)
    if i >= 0:
      gw[i].add_(self.matmul(p.t(), q, dt))

  # Detaches x from its graph and makes it the leaf of a new one.
  def leaf(self, x: Tensor) -> Tensor:
    return x.detach().requires_grad_(True)

  # ---------------------------------------------------------------- from the host

  # An array in the host's memory; pinned, a GPU copies from it by itself. Its content is undefined.
  def host_array(self, shape: List[int], dtype: int, pinned: bool) -> Tensor:
    return torch.empty(shape, dtype=dtype, device=torch.device("cpu"), pin_memory=pinned)

  # A copy of a host array on the device of `like`, for which the host does not wait if t is pinned; PyTorch
  # keeps t's memory until then. Where t lies on that device, t itself.
  def on_device(self, t: Tensor, dtype: int, like: Tensor) -> Tensor:
    return torch.to(t, like.device, dtype, True)

  # Consecutive views of a vector.
  def pieces(self, t: Tensor, sizes: List[int]) -> List[Tensor]:
    return torch.split_with_sizes(t, sizes)

  # ---------------------------------------------------------------- arenas

  # A view of a contiguous array, with the given shape.
  def view(self, flat: Tensor, offset: int, shape: List[int]) -> Tensor:
    n = 1
    for s in shape:
      n = n * s
    return flat.view([-1]).narrow(0, offset, n).view(shape)

  def cast(self, x: Tensor, dt: int) -> Tensor:
    return torch.to(x, dt)

  # Copies of weights in the compute type, leaves of graphs as they are.
  def casts(self, w: List[Tensor], dt: int) -> List[Tensor]:
    return [torch.to(t.detach(), dt).requires_grad_(t.requires_grad) for t in w]

  def copy_(self, to: Tensor, values: Tensor) -> None:
    enabled = torch.is_grad_enabled()
    torch.set_grad_enabled(False)
    to.copy_(values)
    torch.set_grad_enabled(enabled)

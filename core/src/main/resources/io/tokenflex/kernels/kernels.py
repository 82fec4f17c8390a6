# Every layer of the model as one TorchScript function: y = f(x, weights, sizes, dt).
#
# Shapes    B samples, I images, P patches, V vision tokens per image, T sequence, S new positions,
#           D hidden size, Dv vision hidden size, N heads, K key/value heads, H head dim,
#           F intermediate size, C channels, Y/X pixel rows and columns, R supervised positions
# dt        compute dtype of the matrix products: 6 = fp32, 15 = bf16. Weights, gradients, residual
#           stream, norms and loss are fp32 always.
# Weights   come in the order of the layer's operands in the Java class of the same name.
# Gradients are added in place to `gw`, the fp32 slices of the gradient arena.
#
# One class in four files: the chain rule and arenas here; vision.py, with the projector; language.py,
# with the loss; training.py.
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

  # A layer border: the same values, the start of a new graph.
  def leaf(self, x: Tensor) -> Tensor:
    return x.detach().requires_grad_(True)

  # ---------------------------------------------------------------- arenas

  # A window of a contiguous array, with the given shape.
  def view(self, flat: Tensor, offset: int, shape: List[int]) -> Tensor:
    n = 1
    for s in shape:
      n = n * s
    return flat.view([-1]).narrow(0, offset, n).view(shape)

  # A bare product x_MK w_NK -> y_MN: benchmarks measure by it what the device can do at best.
  def product(self, x: Tensor, w: Tensor) -> Tensor:
    return torch.linear(x, w)

  def cast(self, x: Tensor, dt: int) -> Tensor:
    return torch.to(x, dt)

  def copy_(self, to: Tensor, values: Tensor) -> None:
    enabled = torch.is_grad_enabled()
    torch.set_grad_enabled(False)
    to.copy_(values)
    torch.set_grad_enabled(enabled)

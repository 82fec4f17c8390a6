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

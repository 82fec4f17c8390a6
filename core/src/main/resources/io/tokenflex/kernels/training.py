  # Part of class Kernels; see kernels.py for shapes and conventions.

  # ---------------------------------------------------------------- low-rank adapters

  # w = base + scale b a, all [out,in]; a: [r,in], b: [out,r]
  def lora_merge_(self, w: List[Tensor], base: List[Tensor], a: List[Tensor], b: List[Tensor], scale: float) -> None:
    enabled = torch.is_grad_enabled()
    torch.set_grad_enabled(False)
    for i in range(len(w)):
      w[i].copy_(base[i])
      w[i].addmm_(b[i], a[i], beta=1, alpha=scale)
    torch.set_grad_enabled(enabled)

  # Projects dw, the gradient of w, onto a and b: ga += scale b' dw, gb += scale dw a'.
  def lora_gradients_(self, dw: List[Tensor], a: List[Tensor], b: List[Tensor], ga: List[Tensor], gb: List[Tensor], scale: float) -> None:
    enabled = torch.is_grad_enabled()
    torch.set_grad_enabled(False)
    for i in range(len(dw)):
      ga[i].addmm_(b[i].t(), dw[i], beta=1, alpha=scale)
      gb[i].addmm_(dw[i], a[i].t(), beta=1, alpha=scale)
    torch.set_grad_enabled(enabled)

  # ---------------------------------------------------------------- optimizer on flat arrays

  # Global L2 norm of all arrays, 0-dim.
  def global_norm(self, g: List[Tensor]) -> Tensor:
    return torch.linalg_vector_norm(torch.stack(torch._foreach_norm(g, 2)), 2)

  # Adds a micro-batch's loss [] to the step's sum, fp64 [].
  def add_loss_(self, sum: Tensor, loss: Tensor) -> None:
    enabled = torch.is_grad_enabled()
    torch.set_grad_enabled(False)
    sum.add_(loss)
    torch.set_grad_enabled(enabled)

  # Fills in what is summed over ranks besides the gradients: counts that the host knows, and at `at` the loss, as fp32.
  def fill_totals_(self, totals: Tensor, counts: Tensor, loss: Tensor, at: int) -> None:
    totals.copy_(counts)
    totals[at].copy_(loss)

  # The totals and behind them the global norm of the gradients: what the host reads of a step.
  def totals_and_norm(self, totals: Tensor, g: List[Tensor]) -> Tensor:
    return torch.cat([totals, self.global_norm(g).reshape([1])])

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

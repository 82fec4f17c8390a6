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

  # Of totals_and_norm's result, what AdamW divides the summed gradients by, so that they are means over the tokens
  # whose global norm is max_norm at most; and 1 if it must change nothing, for the loss or the norm is not finite or
  # there was no token, else 0. Both fp32 [].
  def gradient_division(self, sums: Tensor, tokens_at: int, loss_at: int, max_norm: float) -> List[Tensor]:
    tokens, loss, norm = sums[tokens_at], sums[loss_at], sums[-1]
    excess = torch.div(torch.add(torch.div(norm, tokens), 1e-6), max_norm) # 1e-6 as torch.nn.utils.clip_grad_norm_
    usable = torch.logical_and(torch.isfinite(torch.add(loss, norm)), torch.gt(tokens, 0))
    return [torch.mul(tokens, torch.clamp_min(excess, 1)), torch.to(torch.logical_not(usable), 6)]

  def zero_(self, g: List[Tensor]) -> None:
    torch._foreach_zero_(g)

  # Decoupled weight decay (Loshchilov and Hutter 2019); `step` counts from 1. division: of gradient_division
  def adamw_(self, p: List[Tensor], g: List[Tensor], m: List[Tensor], v: List[Tensor], division: List[Tensor], step: int, lr: float, beta1: float, beta2: float, decay: float, eps: float) -> None:
    enabled = torch.is_grad_enabled()
    torch.set_grad_enabled(False)
    steps = annotate(List[Tensor], [])
    for t in p:
      steps.append(torch.full([], float(step), dtype=6, device=t.device))
    torch._fused_adamw_(p, g, m, v, annotate(List[Tensor], []), steps, lr=lr, beta1=beta1, beta2=beta2, weight_decay=decay, eps=eps, amsgrad=False, maximize=False, grad_scale=division[0], found_inf=division[1])
    torch.set_grad_enabled(enabled)

  # Part of class Kernels; see kernels.py for shapes and conventions. For libtorch with oneDNN.

  # ---------------------------------------------------------------- packed weights

  # w [N,K] for products in dt that are not differentiated: on a CPU in oneDNN's own order, unless it is
  # so small that a call costs more than what is saved. Only linear and rows_linear take it.
  def pack(self, w: Tensor, dt: int) -> Tensor:
    w = self.wide(torch.to(w, dt))
    if ops.prim.is_cuda(w) or w.numel() < 131072:
      return w.clone()
    return ops.mkldnn._reorder_linear_weight(w.contiguous(), None)

  def packed_linear(self, x: Tensor, w: Tensor, bias: List[Tensor], dt: int) -> Tensor:
    b = annotate(Optional[Tensor], None)
    if len(bias) == 1:
      b = self.wide(torch.to(bias[0], dt))
    none = annotate(List[Optional[number]], [])
    return torch.to(ops.mkldnn._linear_pointwise(self.wide(x), w, b, "none", none, ""), dt)

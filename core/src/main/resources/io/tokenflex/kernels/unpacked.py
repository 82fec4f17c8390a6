  # Part of class Kernels, in the place of packed.py where libtorch has no oneDNN.

  # ---------------------------------------------------------------- weights that are not packed

  def pack(self, w: Tensor, dt: int) -> Tensor:
    return self.wide(torch.to(w, dt)).clone()

  # Not reached: no tensor is oneDNN's.
  def packed_linear(self, x: Tensor, w: Tensor, bias: List[Tensor], dt: int) -> Tensor:
    return self.matmul(x, w.t(), dt)

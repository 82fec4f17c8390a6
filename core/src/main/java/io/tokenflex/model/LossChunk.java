package io.tokenflex.model;

import ai.djl.Device;
import io.tokenflex.cuda.CudaDevice;
import io.tokenflex.cuda.CudaLibrary;

/**
 * How many rows of logits the loss holds at once. With more, the LM head's gradient, as large as
 * the head, is read and written less often; with fewer, less memory is needed.
 */
final class LossChunk {
  /** On CPUs, whatever their memory: another number would be another order of summation. */
  static final int CPU_ROWS = 512;

  /** What the logits of a chunk may take of a GPU's memory. */
  private static final int SHARE_OF_MEMORY = 32;

  /** A logit in bf16, widened, and its log-probability. */
  private static final int BYTES_PER_LOGIT = 2 + 4 + 4;

  /** Rows of a tile of a GPU's products, and the fewest. */
  private static final int TILE = 128;

  /** More than this the gradient's share of the time is gone. */
  private static final int MAX_ROWS = 4096;

  private LossChunk() {}

  /**
   * Rows for a device. Of a GPU its whole memory counts, not what is free at the moment, so that
   * all ranks and a resumed run sum in the same order.
   */
  static int rowsOn(Device device, int vocabSize) {
    if (!device.isGpu()) {
      return CPU_ROWS;
    }
    CudaDevice gpu = new CudaDevice(CudaLibrary.ofPyTorch(), device.getDeviceId());
    return rows(gpu.facts().totalBytes(), vocabSize);
  }

  static int rows(long deviceBytes, int vocabSize) {
    long rows = deviceBytes / SHARE_OF_MEMORY / ((long) BYTES_PER_LOGIT * vocabSize);
    return (int) Math.max(TILE, Math.min(MAX_ROWS, rows / TILE * TILE));
  }
}

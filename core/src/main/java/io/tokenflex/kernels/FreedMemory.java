package io.tokenflex.kernels;

import com.sun.jna.Function;
import java.util.Map;
import java.util.Set;

/**
 * What the C library does with the memory of closed CPU tensors.
 *
 * <p>glibc gives memory back to the system as soon as a few megabytes at the end of a heap are
 * free, and a step's tensors are larger: every step would take its pages anew, one fault for each 4
 * KiB, which costs about as much as a pass over the tensor, and more where others use the machine.
 */
public final class FreedMemory {
  /** {@code malloc.h}: parameters of {@code mallopt}. */
  private static final int M_TRIM_THRESHOLD = -1;

  private static final int M_TOP_PAD = -2;
  private static final int M_MMAP_THRESHOLD = -3;

  /** Larger blocks are the system's own; glibc allows no more. */
  private static final int MAX_MMAP_THRESHOLD = 32 << 20;

  /** A heap of a thread, which is given back whole unless so much is to be left free. */
  private static final int HEAP_BYTES = 64 << 20;

  private static final Set<String> SETTINGS =
      Set.of("MALLOC_TRIM_THRESHOLD_", "MALLOC_TOP_PAD_", "MALLOC_MMAP_THRESHOLD_");

  private FreedMemory() {}

  /**
   * Keeps it for the tensors that follow, from now on and in the whole process, whose memory then
   * stays at its peak. Does nothing where the environment sets malloc itself, or without glibc.
   *
   * @return whether it is kept
   */
  public static boolean keep() {
    if (isSet(System.getenv())) {
      return false;
    }
    try {
      Function mallopt = Function.getFunction("c", "mallopt");
      return set(mallopt, M_MMAP_THRESHOLD, MAX_MMAP_THRESHOLD)
          && set(mallopt, M_TRIM_THRESHOLD, Integer.MAX_VALUE)
          && set(mallopt, M_TOP_PAD, HEAP_BYTES);
    } catch (UnsatisfiedLinkError e) {
      return false; // another C library
    }
  }

  /** Whether who started the process has settled how malloc keeps memory. */
  static boolean isSet(Map<String, String> environment) {
    return environment.keySet().stream().anyMatch(SETTINGS::contains)
        || environment.getOrDefault("GLIBC_TUNABLES", "").contains("glibc.malloc.");
  }

  private static boolean set(Function mallopt, int parameter, int value) {
    return mallopt.invokeInt(new Object[] {parameter, value}) == 1;
  }
}

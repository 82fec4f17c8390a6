package io.tokenflex.cuda;

import com.sun.jna.Library;
import com.sun.jna.Native;
import io.tokenflex.failure.InvalidInputException;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * PyTorch's CUDA library. A lookup in it also searches the libraries it depends on, so CUDA's
 * runtime and NCCL are found there, whatever their files are called and wherever others lie.
 */
public final class CudaLibrary {
  private static final String FILE = "libtorch_cuda.so";

  private CudaLibrary() {}

  /**
   * The file to look functions up in.
   *
   * @throws InvalidInputException if PyTorch was built for CPUs
   */
  public static Path ofPyTorch() {
    return in(PyTorchLibrary.load());
  }

  static Path in(Path folder) {
    Path library = folder.resolve(FILE);
    if (!Files.exists(library)) {
      throw new InvalidInputException(
          "PyTorch was loaded from %s, which holds no %s: it was built for CPUs; build the job jar with -Pcuda and name the folder of PyTorch's CUDA libraries by cluster.spark.\"spark.executorEnv.PYTORCH_LIBRARY_PATH\""
              .formatted(folder, FILE));
    }
    return library;
  }

  /**
   * The functions of a library by their names in C, and those of the libraries it depends on.
   *
   * @param file the library
   * @param functions an interface that declares them
   */
  public static <T extends Library> T bind(Path file, Class<T> functions) {
    return Native.load(file.toString(), functions);
  }
}

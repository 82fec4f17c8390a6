package io.tokenflex.cuda;

import ai.djl.engine.Engine;
import ai.djl.pytorch.jni.LibUtils;
import io.tokenflex.failure.InvalidInputException;
import java.nio.file.Path;
import java.util.Optional;

/** Loads PyTorch, whichever way it computes, and says what is missing if it does not load. */
public final class PyTorchLibrary {
  /** Environment variable: the folder of PyTorch's libraries, if they are not in the jar. */
  static final String PATH = "PYTORCH_LIBRARY_PATH";

  /** Where a reader finds what a node needs. */
  static final String MANUAL = " (docs/operations.md, GPUs)";

  private PyTorchLibrary() {}

  /**
   * The folder that DJL has loaded PyTorch from; loads it if nobody has.
   *
   * @throws InvalidInputException if it does not load, with the root cause, which DJL hides behind
   *     others, and the next move
   */
  public static Path load() {
    try {
      Engine.getEngine("PyTorch");
    } catch (RuntimeException | LinkageError e) {
      throw refusal(e, Optional.ofNullable(System.getenv(PATH)));
    }
    return Path.of(LibUtils.getLibtorchPath()).normalize();
  }

  /**
   * Version of the PyTorch that DJL has loaded, as {@code 2.7.1}; loads it if nobody has.
   *
   * @throws InvalidInputException as {@link #load}
   */
  public static String version() {
    load();
    return Engine.getEngine("PyTorch").getVersion();
  }

  /**
   * What to tell of a PyTorch that did not load.
   *
   * @param path what PYTORCH_LIBRARY_PATH says
   */
  static InvalidInputException refusal(Throwable failure, Optional<String> path) {
    boolean isNowhere = false;
    Throwable root = failure;
    for (Throwable link = failure; link != null; link = link.getCause()) {
      root = link;
      isNowhere |= String.valueOf(link.getMessage()).contains("index file");
    }
    String cause = root.getMessage() == null ? root.toString() : root.getMessage();
    return new InvalidInputException(
        isNowhere ? nowhere(path) : "PyTorch cannot be loaded: " + cause + nextMove(cause),
        failure);
  }

  /** DJL found none and looked for the list of those it can download. */
  private static String nowhere(Optional<String> path) {
    return "PyTorch is neither in the job jar, which was built with -Pcuda, nor at %s%s; on a GPU node set it to the folder torch/lib of torch 2.7.1 as pip installs it, for CPUs build without -Pcuda%s"
        .formatted(PATH, path.map(folder -> " = " + folder).orElse(", which is not set"), MANUAL);
  }

  private static String nextMove(String cause) {
    String move;
    if (cause.contains("libcuda.so")) {
      move =
          "NVIDIA's driver is not on this machine, or not handed into the container; nvidia-smi must work there. Without a GPU build the job jar without -Pcuda and leave "
              + PATH
              + " unset";
    } else if (cause.contains("jnilib/")) {
      move =
          "DJL has no bridge of this PYTORCH_VERSION and PYTORCH_FLAVOR; for CUDA they are 2.7.1 and cu128, for CPUs leave them unset";
    } else {
      move =
          PATH
              + " must be the folder torch/lib of torch 2.7.1 as pip installs it, not a copy of its files, which find CUDA beside them; PYTORCH_VERSION = 2.7.1 and PYTORCH_FLAVOR = cu128";
    }
    return "; " + move + MANUAL;
  }
}

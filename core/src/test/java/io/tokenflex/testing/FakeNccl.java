package io.tokenflex.testing;

import static java.nio.charset.StandardCharsets.UTF_8;

import ai.djl.ndarray.NDArray;
import com.sun.jna.Function;
import com.sun.jna.NativeLibrary;
import io.tokenflex.distributed.ProcessGroup;
import io.tokenflex.distributed.Rendezvous;
import io.tokenflex.kernels.DeviceMemory;
import io.tokenflex.nccl.NcclGpu;
import io.tokenflex.nccl.NcclProcessGroup;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Assumptions;

/**
 * A library with the symbols of NCCL and CUDA's runtime in which host memory stands for device
 * memory and a thread for a stream; compiled from {@code nccl/fake_nccl.c} when a test first asks.
 */
public final class FakeNccl {
  private static final int COMPILE_SECONDS = 120;
  private static Optional<Path> library;

  private FakeNccl() {}

  /** The library's file; the test that asks is skipped where there is no C compiler. */
  public static synchronized Path library() {
    if (library == null) {
      library = compile();
    }
    Assumptions.assumeTrue(
        library.isPresent(), "skipped: the fake NCCL is compiled by cc, which is not installed");
    return library.get();
  }

  private static Optional<Path> compile() {
    try (InputStream source = FakeNccl.class.getResourceAsStream("/nccl/fake_nccl.c")) {
      Path folder = Files.createTempDirectory("fake-nccl");
      folder.toFile().deleteOnExit();
      Path code = folder.resolve("fake_nccl.c");
      Files.copy(source, code, StandardCopyOption.REPLACE_EXISTING);
      Path made = folder.resolve("libfakenccl.so");
      Path messages = folder.resolve("messages");
      List.of(code, made, messages).forEach(file -> file.toFile().deleteOnExit());
      Process cc =
          new ProcessBuilder(
                  "cc",
                  "-std=c11",
                  "-O2",
                  "-Wall",
                  "-Wextra",
                  "-Werror",
                  "-shared",
                  "-fPIC",
                  "-pthread",
                  "-o",
                  made.toString(),
                  code.toString())
              .redirectErrorStream(true)
              .redirectOutput(messages.toFile())
              .start();
      if (!cc.waitFor(COMPILE_SECONDS, TimeUnit.SECONDS) || cc.exitValue() != 0) {
        cc.destroyForcibly();
        throw new IllegalStateException(
            "cc could not compile fake_nccl.c: " + Files.readString(messages, UTF_8));
      }
      return Optional.of(made);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return Optional.empty();
    } catch (IOException e) {
      if (String.valueOf(e.getMessage()).contains("Cannot run program")) {
        return Optional.empty();
      }
      throw new UncheckedIOException(e);
    }
  }

  /**
   * What goes wrong from now on, as the head of {@code fake_nccl.c} explains; empty for nothing.
   */
  public static void fault(String text) {
    function("fakeFault").invokeVoid(new Object[] {text});
  }

  /** A kernel on the compute stream that takes some time and then fills an array. */
  public static void fillLater(NDArray array, float value, Duration after) {
    function("fakeFill")
        .invokeInt(
            new Object[] {
              null,
              DeviceMemory.addressOf(array),
              array.size(),
              value,
              Math.toIntExact(after.toNanos() / 1000)
            });
  }

  private static Function function(String name) {
    return NativeLibrary.getInstance(library().toString()).getFunction(name);
  }

  /** A device of the library, which works on the memory of CPU arrays. */
  public static NcclGpu gpu(int ordinal) {
    return NcclGpu.of(library(), ordinal, DeviceMemory::addressOf);
  }

  /** Joins with the device of the rank's own number. */
  public static ProcessGroup join(Rendezvous rank, Duration timeout) {
    return NcclProcessGroup.join(rank, "127.0.0.1", 0, timeout, gpu(rank.rank()));
  }
}

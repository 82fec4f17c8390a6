package io.tokenflex.kernels;

import static java.nio.charset.StandardCharsets.UTF_8;

import ai.djl.engine.EngineException;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.pytorch.engine.PtNDArray;
import ai.djl.pytorch.engine.PtNDManager;
import ai.djl.pytorch.engine.PtSymbolBlock;
import ai.djl.pytorch.jni.IValue;
import ai.djl.pytorch.jni.JniUtils;
import ai.djl.pytorch.jni.KernelBridge;
import io.tokenflex.failure.InvalidInputException;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * The compiled functions of {@code kernels.py} and the other parts of its TorchScript class.
 *
 * <p>Arguments may be {@link NDArray} (Tensor), {@link NDList} (List[Tensor]), {@code long[]}
 * (List[int]), {@link Long} and {@link Integer} (int), {@link Double} (float), {@link Boolean}
 * (bool) and {@link ComputeType} (int). Thread-safe; the calling thread's {@linkplain GradMode grad
 * mode} decides whether a call records a graph.
 */
public final class KernelLibrary implements AutoCloseable {
  /** Source files of the class; the first contains its header. */
  private static final List<String> PARTS =
      List.of("kernels.py", "attention.py", "vision.py", "language.py", "training.py");

  private static final String PACKED = "packed.py";
  private static final String UNPACKED = "unpacked.py";

  private final PtSymbolBlock module;

  private KernelLibrary(PtSymbolBlock module) {
    this.module = module;
  }

  /**
   * Compiles the kernels for the device of {@code manager}.
   *
   * @throws ai.djl.engine.EngineException with TorchScript's message and line if the source is
   *     invalid
   */
  public static KernelLibrary load(NDManager manager) {
    return load(manager, KernelVariant.of(manager.getDevice()));
  }

  /** As above, in a variant that may be another device's. */
  public static KernelLibrary load(NDManager manager, KernelVariant variant) {
    try {
      return load(manager, variant, PACKED);
    } catch (EngineException e) {
      if (!String.valueOf(e.getMessage()).contains("mkldnn")) {
        throw e;
      }
      return load(manager, variant, UNPACKED); // a libtorch without oneDNN
    }
  }

  /** As above, with weights that are never packed, as where libtorch has no oneDNN. */
  static KernelLibrary loadUnpacked(NDManager manager) {
    return load(manager, KernelVariant.of(manager.getDevice()), UNPACKED);
  }

  private static KernelLibrary load(NDManager manager, KernelVariant variant, String packing) {
    String source =
        Stream.concat(PARTS.stream(), Stream.of(packing))
            .map(KernelLibrary::read)
            .collect(Collectors.joining("\n"));
    Map<String, Boolean> flags =
        Map.of(
            "widens",
            variant.widensBf16(),
            "by_products",
            variant.attendsByProducts(),
            "groups_heads",
            variant.groupsHeads());
    byte[] archive = ScriptArchive.of(source, flags);
    try {
      return new KernelLibrary(
          JniUtils.loadModule(
              (PtNDManager) manager, new ByteArrayInputStream(archive), true, false));
    } catch (IOException e) {
      throw new UncheckedIOException("Cannot load the kernels", e);
    }
  }

  private static String read(String part) {
    try (InputStream in = KernelLibrary.class.getResourceAsStream(part)) {
      return new String(in.readAllBytes(), UTF_8);
    } catch (IOException e) {
      throw new UncheckedIOException("Cannot read the resource " + part, e);
    }
  }

  /** Calls a function without a result. */
  public void run(String function, Object... arguments) {
    invoke(function, arguments).close();
  }

  /** Calls a function that returns one tensor, attached to {@code owner}. */
  public NDArray call(NDManager owner, String function, Object... arguments) {
    try (IValue result = invoke(function, arguments)) {
      return result.toTensor((PtNDManager) owner);
    }
  }

  /** Calls a function that returns a list of tensors, attached to {@code owner}. */
  public NDArray[] callForList(NDManager owner, String function, Object... arguments) {
    try (IValue result = invoke(function, arguments)) {
      return result.toTensorArray((PtNDManager) owner);
    }
  }

  @Override
  public void close() {
    module.close();
  }

  private IValue invoke(String function, Object[] arguments) {
    JniUtils.setGraphExecutorOptimize(
        false); // thread-local; the optimizing executor uses more memory and is not faster
    // PyTorch tells a thread how many threads share its products only when that is asked for; the
    // first product would be shared by all cores, and in another order of summation.
    JniUtils.getNumThreads();
    IValue[] values = new IValue[arguments.length];
    try {
      for (int i = 0; i < arguments.length; i++) {
        values[i] = toIValue(function, i, arguments[i]);
      }
      return KernelBridge.run(module, function, values);
    } finally {
      for (IValue value : values) {
        if (value != null) {
          value.close();
        }
      }
    }
  }

  private static IValue toIValue(String function, int index, Object argument) {
    if (argument instanceof PtNDArray array) {
      return IValue.from(array);
    } else if (argument instanceof List<?> list) { // an NDList is a List<NDArray>
      return IValue.listFrom(list.toArray(PtNDArray[]::new));
    } else if (argument instanceof long[] numbers) {
      return IValue.listFrom(numbers);
    } else if (argument instanceof Integer || argument instanceof Long) {
      return IValue.from(((Number) argument).longValue());
    } else if (argument instanceof Double number) {
      return IValue.from(number);
    } else if (argument instanceof Boolean flag) {
      return IValue.from(flag);
    } else if (argument instanceof ComputeType type) {
      return IValue.from(type.torchScalarType());
    }
    throw new InvalidInputException(
        String.format(
            Locale.ROOT,
            "Argument %d of kernel %s is a %s; see KernelLibrary for the types a kernel takes",
            index,
            function,
            argument == null ? "null" : argument.getClass().getName()));
  }
}

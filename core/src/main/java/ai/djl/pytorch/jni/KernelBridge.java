package ai.djl.pytorch.jni;

import ai.djl.pytorch.engine.PtSymbolBlock;

/**
 * Calls a TorchScript method with any arguments.
 *
 * <p>Lives in DJL's package because {@code PyTorchLibrary} is package-private and DJL's public
 * {@code runMethod} forces inference mode and cannot pass numbers. Works on the class path only,
 * not on the module path.
 */
public final class KernelBridge {
  private KernelBridge() {}

  /**
   * Runs {@code method}; the caller closes the arguments and the result.
   *
   * @throws ai.djl.engine.EngineException with TorchScript's own message if the call fails
   */
  public static IValue run(PtSymbolBlock module, String method, IValue... arguments) {
    long[] handles = new long[arguments.length];
    for (int i = 0; i < handles.length; i++) {
      handles[i] = arguments[i].getHandle();
    }
    // train = true: no inference mode, so that the thread's own grad mode decides.
    return new IValue(
        PyTorchLibrary.LIB.moduleRunMethod(module.getHandle(), method, handles, true, false));
  }
}

package io.tokenflex.cuda;

import com.sun.jna.Library;
import com.sun.jna.Pointer;
import com.sun.jna.ptr.IntByReference;
import com.sun.jna.ptr.LongByReference;
import com.sun.jna.ptr.PointerByReference;

/**
 * The functions of {@code cuda_runtime_api.h} that are used here, by their names there. An enum is
 * an int, a handle a pointer, {@code size_t} a long; every function but those that name an error
 * returns {@code cudaError_t}.
 */
public interface CudaRuntime extends Library {
  int SUCCESS = 0;
  int OUT_OF_MEMORY = 2;

  /** Of a query: what was asked about has not been reached yet. */
  int NOT_READY = 600;

  /** Neither waits for the legacy default stream, on which PyTorch computes, nor it for this. */
  int STREAM_NON_BLOCKING = 1;

  int EVENT_DISABLE_TIMING = 2;

  /** {@code cudaDevAttrComputeCapabilityMajor}. */
  int CAPABILITY_MAJOR = 75;

  /** {@code cudaDevAttrComputeCapabilityMinor}. */
  int CAPABILITY_MINOR = 76;

  int cudaGetDeviceCount(IntByReference count);

  int cudaDriverGetVersion(IntByReference version);

  int cudaRuntimeGetVersion(IntByReference version);

  /** Of the calling thread; a new thread starts with device 0. */
  int cudaSetDevice(int device);

  int cudaDeviceGetAttribute(IntByReference value, int attribute, int device);

  int cudaDeviceGetPCIBusId(byte[] text, int length, int device);

  /**
   * The layout differs between versions but for its beginning: 256 bytes of the device's name.
   *
   * @param properties longer than any version's structure
   */
  int cudaGetDeviceProperties(byte[] properties, int device);

  int cudaMemGetInfo(LongByReference free, LongByReference total);

  /** With null: makes the device's context and does nothing else. */
  int cudaFree(Pointer memory);

  int cudaStreamCreateWithFlags(PointerByReference stream, int flags);

  int cudaStreamDestroy(Pointer stream);

  /** Waits for the newest record before this call; later records do not matter. */
  int cudaStreamWaitEvent(Pointer stream, Pointer event, int flags);

  int cudaEventCreateWithFlags(PointerByReference event, int flags);

  int cudaEventDestroy(Pointer event);

  /** A null stream is the legacy default stream of the calling thread's device. */
  int cudaEventRecord(Pointer event, Pointer stream);

  int cudaEventQuery(Pointer event);

  String cudaGetErrorName(int error);

  String cudaGetErrorString(int error);
}

package io.tokenflex.nccl;

import com.sun.jna.Library;
import com.sun.jna.Pointer;
import com.sun.jna.Structure;
import com.sun.jna.Structure.FieldOrder;
import com.sun.jna.ptr.IntByReference;
import com.sun.jna.ptr.PointerByReference;

/**
 * The functions of {@code nccl.h} that are used here, by their names there: {@code size_t} is a
 * long, an enum an int, a handle a pointer. All but those that return text return {@code
 * ncclResult_t}.
 */
public interface Nccl extends Library {
  int SUCCESS = 0;
  int UNHANDLED_CUDA_ERROR = 1;
  int IN_PROGRESS = 7;

  /** {@code ncclFloat32}. */
  int FLOAT32 = 7;

  /** {@code ncclSum}. */
  int SUM = 0;

  int UNIQUE_ID_BYTES = 128;

  int ncclGetVersion(IntByReference version);

  String ncclGetErrorString(int result);

  /** Of the process, not of the communicator, and perhaps of an older failure; may be null. */
  String ncclGetLastError(Pointer comm);

  int ncclGetUniqueId(UniqueId id);

  int ncclCommInitRankConfig(
      PointerByReference comm, int numRanks, UniqueId.ByValue id, int rank, Config config);

  int ncclCommGetAsyncError(Pointer comm, IntByReference state);

  int ncclCommCuDevice(Pointer comm, IntByReference device);

  int ncclCommFinalize(Pointer comm);

  int ncclCommDestroy(Pointer comm);

  int ncclCommAbort(Pointer comm);

  int ncclAllReduce(
      Pointer send, Pointer receive, long count, int type, int op, Pointer comm, Pointer stream);

  int ncclBroadcast(
      Pointer send, Pointer receive, long count, int type, int root, Pointer comm, Pointer stream);

  int ncclReduceScatter(
      Pointer send, Pointer receive, long perRank, int type, int op, Pointer comm, Pointer stream);

  int ncclAllGather(
      Pointer send, Pointer receive, long perRank, int type, Pointer comm, Pointer stream);

  /** {@code ncclUniqueId}: where the ranks of one communicator meet. */
  @FieldOrder("internal")
  class UniqueId extends Structure {
    public byte[] internal = new byte[UNIQUE_ID_BYTES];

    /** As an argument: passed by value, which on x86-64 is a copy on the stack. */
    public static final class ByValue extends UniqueId implements Structure.ByValue {
      /** JNA asks for it. */
      public ByValue() {}

      ByValue(byte[] bytes) {
        internal = bytes.clone();
      }
    }
  }

  /**
   * {@code ncclConfig_t} as far as NCCL 2.14 had it. A library copies {@code size} bytes and takes
   * its own defaults for what {@code version} did not have, so this fits every later one.
   */
  @FieldOrder({"size", "magic", "version", "blocking"})
  class Config extends Structure {
    public long size = 24;
    public int magic = 0xcafebeef;
    public int version = 21400;
    public int blocking;
  }
}

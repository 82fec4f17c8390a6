package io.tokenflex.nccl;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.tokenflex.distributed.ProcessGroup;
import io.tokenflex.failure.InvalidInputException;
import java.io.IOException;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/**
 * Which GPU of which machine a rank has, and which NCCL.
 *
 * @param machine the kernel's boot id, which containers of one machine share and machines do not
 * @param host its name, for people
 * @param busId PCI bus id
 * @param sharesGpu whether its NCCL was told that several ranks may have one GPU
 */
record GpuIdentity(
    String machine, String host, String busId, String ncclVersion, boolean sharesGpu) {
  /** NCCL's own setting, of versions that know it: 1 lets several ranks have one GPU. */
  private static final String MULTI_RANK = "NCCL_MULTI_RANK_GPU_ENABLE";

  private static final Path BOOT_ID = Path.of("/proc/sys/kernel/random/boot_id");

  private static GpuIdentity of(NcclGpu gpu) {
    String host;
    try {
      host = InetAddress.getLocalHost().getHostName();
    } catch (UnknownHostException e) {
      host = "unknown host";
    }
    String machine;
    try {
      machine = Files.readString(BOOT_ID).strip();
    } catch (IOException e) {
      machine = host; // not Linux
    }
    return new GpuIdentity(
        machine, host, gpu.device().busId(), gpu.version(), "1".equals(System.getenv(MULTI_RANK)));
  }

  private byte[] toBytes() {
    return String.join("\n", machine, host, busId, ncclVersion, Boolean.toString(sharesGpu))
        .getBytes(UTF_8);
  }

  private static GpuIdentity fromBytes(byte[] bytes) {
    String[] parts = new String(bytes, UTF_8).split("\n", -1);
    return new GpuIdentity(parts[0], parts[1], parts[2], parts[3], Boolean.parseBoolean(parts[4]));
  }

  /**
   * Compares those of all ranks; a collective call.
   *
   * @throws InvalidInputException if two ranks have one GPU and were not both told that they may,
   *     or versions of NCCL differ
   */
  static void checkAll(ProcessGroup group, NcclGpu gpu) {
    List<GpuIdentity> all =
        group.allGather(of(gpu).toBytes()).stream().map(GpuIdentity::fromBytes).toList();
    Map<String, Integer> rankOf = new HashMap<>();
    for (int rank = 0; rank < all.size(); rank++) {
      GpuIdentity one = all.get(rank);
      Integer other = rankOf.put(one.machine + " " + one.busId, rank);
      if (other != null && !(one.sharesGpu && all.get(other).sharesGpu)) {
        throw new InvalidInputException(
            String.format(
                Locale.ROOT,
                "Ranks %d and %d were both given the GPU at %s of %s; every rank needs one of its own: let Spark's discovery script name each GPU once, and on a standalone cluster start one worker per host with all its GPUs",
                other,
                rank,
                one.busId,
                one.host));
      }
      if (!one.ncclVersion.equals(all.get(0).ncclVersion)) {
        throw new InvalidInputException(
            String.format(
                Locale.ROOT,
                "NCCL is %s on rank 0 (%s) and %s on rank %d (%s); install the same PyTorch on all nodes",
                all.get(0).ncclVersion,
                all.get(0).host,
                one.ncclVersion,
                rank,
                one.host));
      }
    }
  }
}

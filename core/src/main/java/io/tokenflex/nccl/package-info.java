/**
 * Collectives between GPUs: {@link io.tokenflex.nccl.NcclProcessGroup} calls NCCL through JNA. It
 * was run on a library that plays NCCL in host memory; it has not met a GPU.
 */
package io.tokenflex.nccl;

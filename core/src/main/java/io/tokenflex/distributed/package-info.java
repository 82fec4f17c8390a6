/**
 * Data parallelism between processes: {@link io.tokenflex.distributed.ProcessGroup} moves numbers,
 * {@link io.tokenflex.distributed.AllReduceParameterServer} puts it behind DJL's seam.
 */
package io.tokenflex.distributed;

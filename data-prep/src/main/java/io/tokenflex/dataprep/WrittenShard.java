package io.tokenflex.dataprep;

import io.tokenflex.dataprep.shard.Manifest;
import java.io.Serializable;

/**
 * A shard as one task attempt wrote it.
 *
 * @param attemptPath where it lies until the driver gives it its name
 */
record WrittenShard(String attemptPath, Manifest.Shard shard) implements Serializable {}

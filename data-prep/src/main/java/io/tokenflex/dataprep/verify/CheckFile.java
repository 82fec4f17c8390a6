package io.tokenflex.dataprep.verify;

import io.tokenflex.dataprep.dataset.Manifest;
import io.tokenflex.dataprep.shard.ShardCheck;
import java.io.IOException;
import java.io.Serializable;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.Path;
import org.apache.spark.api.java.function.FlatMapFunction;
import org.apache.spark.broadcast.Broadcast;
import org.apache.spark.util.SerializableConfiguration;

/** Task: checks one file of a dataset. */
record CheckFile(Broadcast<SerializableConfiguration> hadoop)
    implements FlatMapFunction<CheckFile.Stated, Finding> {
  /** Maximum number of faults reported per file, to protect the driver. */
  static final int MAX_TOLD = 100;

  /** A file's entry in a manifest. */
  sealed interface Stated extends Serializable {
    /** Path within the dataset folder. */
    String file();
  }

  /**
   * A shard's entry.
   *
   * @param index of the shard among all checked files
   */
  record StatedShard(int index, String path, Manifest.Shard shard, int rowsPerRowGroup)
      implements Stated {
    @Override
    public String file() {
      return shard.file();
    }
  }

  /** A rejects table's entry. */
  record StatedRejects(String file, String path, Map<String, Long> byReason) implements Stated {}

  @Override
  public Iterator<Finding> call(Stated stated) throws IOException {
    Configuration configuration = hadoop.value().value();
    Collected collected = new Collected(stated);
    if (stated instanceof StatedShard shard) {
      Path path = new Path(shard.path());
      new ShardCheck(fileSystem(path, configuration), configuration, collected)
          .checkShard(path, shard.shard(), shard.rowsPerRowGroup());
    } else if (stated instanceof StatedRejects rejects) {
      Path path = new Path(rejects.path());
      new ShardCheck(fileSystem(path, configuration), configuration, collected)
          .checkRejects(path, rejects.byReason());
    }
    return collected.finish();
  }

  private static FileSystem fileSystem(Path path, Configuration configuration) throws IOException {
    return path.getFileSystem(configuration);
  }

  private static final class Collected implements ShardCheck.Findings {
    private final Stated stated;
    private final List<Finding> findings = new ArrayList<>();
    private long numSamples;
    private long numImages;
    private long numFaults;

    Collected(Stated stated) {
      this.stated = stated;
    }

    @Override
    public void fault(String place, String problem) {
      numFaults++;
      if (numFaults <= MAX_TOLD) {
        findings.add(new Finding.Told(new Fault(stated.file(), place, problem)));
      }
    }

    @Override
    public void sample(String place, String id, int images) {
      numSamples++;
      numImages += images;
      if (stated instanceof StatedShard shard) {
        findings.add(new Finding.Id(shard.index(), place, id));
      }
    }

    Iterator<Finding> finish() {
      findings.add(new Finding.Tally(numSamples, numImages, numFaults));
      return findings.iterator();
    }
  }
}

package io.tokenflex.dataprep.input;

import io.tokenflex.dataprep.source.SourceSplit;
import io.tokenflex.failure.InvalidInputException;
import java.io.IOException;
import java.io.Serializable;
import java.util.List;
import org.apache.hadoop.conf.Configuration;
import org.apache.spark.api.java.function.Function;
import org.apache.spark.broadcast.Broadcast;
import org.apache.spark.util.SerializableConfiguration;

/**
 * Task: plans the splits of a file. An invalid file is reported in the result rather than thrown,
 * because Spark would retry the task.
 */
public final class PlanFile implements Function<InputFile, PlanFile.Plan> {
  private static final long serialVersionUID = 1;

  private final Broadcast<SerializableConfiguration> hadoop;

  public PlanFile(Broadcast<SerializableConfiguration> hadoop) {
    this.hadoop = hadoop;
  }

  /**
   * Result for a file.
   *
   * @param found empty if the file was rejected
   * @param refusal reason of the rejection; else empty
   */
  public record Plan(InputFile file, List<SourceSplit> found, String refusal)
      implements Serializable {
    public Plan {
      found = List.copyOf(found);
    }

    /**
     * The splits.
     *
     * @throws IllegalArgumentException if the file was rejected
     */
    public List<SourceSplit> splits() {
      if (!refusal.isEmpty()) {
        throw new InvalidInputException(refusal);
      }
      return found;
    }
  }

  @Override
  public Plan call(InputFile file) throws IOException {
    Configuration configuration = hadoop.value().value();
    try {
      return new Plan(
          file, file.format().plan(file.open(configuration), file.input().options()), "");
    } catch (IllegalArgumentException e) {
      return new Plan(file, List.of(), e.getMessage());
    }
  }
}

package io.tokenflex.jobs.train;

import com.fasterxml.jackson.annotation.JsonSubTypes;
import com.fasterxml.jackson.annotation.JsonTypeInfo;
import io.tokenflex.failure.DamagedDataException;
import io.tokenflex.train.DivergedException;
import java.util.List;

/** What a rank tells the driver while it runs; one JSON object a line. */
@JsonTypeInfo(use = JsonTypeInfo.Id.NAME, property = "type")
@JsonSubTypes({
  @JsonSubTypes.Type(value = RankReport.Started.class, name = "started"),
  @JsonSubTypes.Type(value = RankReport.SettingsChanged.class, name = "settings"),
  @JsonSubTypes.Type(value = RankReport.Step.class, name = "step"),
  @JsonSubTypes.Type(value = RankReport.Skipped.class, name = "skipped"),
  @JsonSubTypes.Type(value = RankReport.CheckpointPublished.class, name = "checkpoint"),
  @JsonSubTypes.Type(value = RankReport.Failed.class, name = "failed")
})
sealed interface RankReport {

  /** Training starts, or resumes, after {@code stepsDone} updates. */
  record Started(long stepsDone, long maxSteps, String computeType) implements RankReport {}

  /** The run goes on with settings that its checkpoint was not written with. */
  record SettingsChanged(List<String> changes) implements RankReport {}

  /** An optimizer step is done; {@code line} is its line of metrics.jsonl. */
  record Step(String line) implements RankReport {}

  /** A rank left a sample out of a step, counted from 1; a rank tells of the first few only. */
  record Skipped(int rank, long step, String id, String reason) implements RankReport {}

  record CheckpointPublished(long step, String folder) implements RankReport {}

  /** A rank failed for a reason of its own. */
  record Failed(int rank, Cause cause, String message) implements RankReport {}

  /** Whether another attempt can help. */
  enum Cause {
    /** A peer, a connection, a file system, a process: start again from the last checkpoint. */
    TRANSIENT,
    CONFIG,
    DATA,
    DIVERGED;

    static Cause of(Throwable failure) {
      for (Throwable cause = failure; cause != null; cause = cause.getCause()) {
        if (cause instanceof DivergedException) {
          return DIVERGED;
        } else if (cause instanceof DamagedDataException) {
          return DATA;
        } else if (cause instanceof IllegalArgumentException) {
          return CONFIG;
        }
      }
      return TRANSIENT;
    }
  }
}

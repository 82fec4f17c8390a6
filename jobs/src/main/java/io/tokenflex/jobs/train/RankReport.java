package io.tokenflex.jobs.train;

import com.fasterxml.jackson.annotation.JsonSubTypes;
import com.fasterxml.jackson.annotation.JsonTypeInfo;
import io.tokenflex.jobs.failure.FailureKind;
import io.tokenflex.jobs.run.Machine;
import java.util.List;

/**
 * What a rank tells the driver while it runs; one JSON object a line. The line belongs to one rank
 * of one attempt, as its hello says: see {@link RankHello}.
 */
@JsonTypeInfo(use = JsonTypeInfo.Id.NAME, property = "type")
@JsonSubTypes({
  @JsonSubTypes.Type(value = RankReport.Joined.class, name = "joined"),
  @JsonSubTypes.Type(value = RankReport.Started.class, name = "started"),
  @JsonSubTypes.Type(value = RankReport.SettingsChanged.class, name = "settings"),
  @JsonSubTypes.Type(value = RankReport.Step.class, name = "step"),
  @JsonSubTypes.Type(value = RankReport.Skipped.class, name = "skipped"),
  @JsonSubTypes.Type(value = RankReport.CheckpointPublished.class, name = "checkpoint"),
  @JsonSubTypes.Type(value = RankReport.Waiting.class, name = "waiting"),
  @JsonSubTypes.Type(value = RankReport.Failed.class, name = "failed")
})
sealed interface RankReport {

  /** A rank has begun to work on a machine. */
  record Joined(int rank, Machine machine) implements RankReport {}

  /**
   * Training starts, or resumes, after {@code stepsDone} updates.
   *
   * @param computeTypeReason why matrix products are computed in this type
   */
  record Started(long stepsDone, long maxSteps, String computeType, String computeTypeReason)
      implements RankReport {}

  /** The run goes on with settings that its checkpoint was not written with. */
  record SettingsChanged(List<String> changes) implements RankReport {}

  /** An optimizer step is done; {@code line} is its line of metrics.jsonl. */
  record Step(String line) implements RankReport {}

  /** A rank left a sample out of a step, counted from 1; a rank tells of the first few only. */
  record Skipped(int rank, long step, String id, String reason) implements RankReport {}

  record CheckpointPublished(long step, String folder) implements RankReport {}

  /**
   * A rank has waited remarkably long for something that is not another rank.
   *
   * @param isOver it has come at last
   */
  record Waiting(int rank, String what, long seconds, boolean isOver) implements RankReport {}

  /**
   * A rank failed.
   *
   * @param timeMillis when, by the clock of the rank's machine
   */
  record Failed(int rank, long timeMillis, FailureKind kind, String message)
      implements RankReport {}
}

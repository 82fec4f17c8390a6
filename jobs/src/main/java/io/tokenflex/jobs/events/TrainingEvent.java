package io.tokenflex.jobs.events;

import com.fasterxml.jackson.annotation.JsonSubTypes;
import com.fasterxml.jackson.annotation.JsonTypeInfo;
import io.tokenflex.jobs.failure.FailureKind;
import io.tokenflex.jobs.failure.Failures;
import io.tokenflex.jobs.run.Machine;
import io.tokenflex.train.StepMetrics;
import java.util.List;

/**
 * What happens in a training, as a rank tells it. Rank 0 speaks for all of what is the same on
 * every rank (start, settings, steps, checkpoints); of the rest every rank speaks for itself.
 */
@JsonTypeInfo(use = JsonTypeInfo.Id.NAME, property = "type")
@JsonSubTypes({
  @JsonSubTypes.Type(value = TrainingEvent.Joined.class, name = "joined"),
  @JsonSubTypes.Type(value = TrainingEvent.Started.class, name = "started"),
  @JsonSubTypes.Type(value = TrainingEvent.SettingsChanged.class, name = "settings"),
  @JsonSubTypes.Type(value = TrainingEvent.StepDone.class, name = "step"),
  @JsonSubTypes.Type(value = TrainingEvent.SampleSkipped.class, name = "skipped"),
  @JsonSubTypes.Type(value = TrainingEvent.CheckpointPublished.class, name = "checkpoint"),
  @JsonSubTypes.Type(value = TrainingEvent.Waiting.class, name = "waiting"),
  @JsonSubTypes.Type(value = TrainingEvent.Failed.class, name = "failed")
})
public sealed interface TrainingEvent {

  /** The rank has begun to work on a machine. */
  record Joined(Machine machine) implements TrainingEvent {}

  /**
   * Training starts, or resumes, after {@code stepsDone} updates.
   *
   * @param computeTypeReason why matrix products are computed in this type
   */
  record Started(long stepsDone, long maxSteps, String computeType, String computeTypeReason)
      implements TrainingEvent {}

  /** The run goes on with settings that its checkpoint was not written with. */
  record SettingsChanged(List<String> changes) implements TrainingEvent {
    public SettingsChanged {
      changes = List.copyOf(changes);
    }
  }

  /** An optimizer step is done. */
  record StepDone(StepMetrics metrics) implements TrainingEvent {}

  /** The rank left a sample out of a step, counted from 1; it tells of the first few only. */
  record SampleSkipped(long step, String id, String reason) implements TrainingEvent {}

  /** A checkpoint of {@code step} updates is published. */
  record CheckpointPublished(long step, String folder) implements TrainingEvent {}

  /**
   * The rank has waited remarkably long for something that is not another rank.
   *
   * @param isOver it has come at last
   */
  record Waiting(String what, long seconds, boolean isOver) implements TrainingEvent {}

  /**
   * The rank failed.
   *
   * @param timeMillis when, by the clock of the rank's machine
   */
  record Failed(long timeMillis, FailureKind kind, String message) implements TrainingEvent {

    /**
     * A failure that happened just now.
     *
     * @param isKilled whether Spark had told the rank's task to end: such a task fails in any way,
     *     so only what cannot follow from that counts as a cause
     */
    public static Failed now(Throwable failure, boolean isKilled) {
      FailureKind kind = FailureKind.of(failure);
      boolean isCause = kind.isFinal() || kind == FailureKind.MEMORY || kind == FailureKind.GPU;
      return new Failed(
          System.currentTimeMillis(),
          isKilled && !isCause ? FailureKind.INTERRUPTED : kind,
          Failures.inOneLine(failure));
    }
  }
}

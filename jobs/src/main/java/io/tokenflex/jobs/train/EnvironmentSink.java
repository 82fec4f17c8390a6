package io.tokenflex.jobs.train;

import io.tokenflex.jobs.events.EventSink;
import io.tokenflex.jobs.events.RankMessage;
import io.tokenflex.jobs.events.TrainingEvent;
import io.tokenflex.jobs.run.Machine;
import io.tokenflex.jobs.run.RunFolder;
import io.tokenflex.jobs.run.TrainingEnvironment;
import java.io.IOException;
import java.util.List;
import java.util.TreeMap;

/** Notes in the run folder on which machines the ranks are and what they compute in. */
final class EnvironmentSink implements EventSink {
  private final RunFolder folder;
  private final TreeMap<Integer, Machine> machines = new TreeMap<>();
  private String computeType = "";
  private boolean isWritten = true;

  EnvironmentSink(RunFolder folder) {
    this.folder = folder;
  }

  @Override
  public String name() {
    return folder.pathOf(TrainingEnvironment.FILE);
  }

  @Override
  public void accept(RankMessage message) {
    if (message.event() instanceof TrainingEvent.Joined joined) {
      machines.put(message.rank(), joined.machine());
    } else if (message.event() instanceof TrainingEvent.Started started) {
      computeType = started.computeType();
    } else {
      return;
    }
    isWritten = false;
  }

  @Override
  public void flush() throws IOException {
    boolean hasStarted = !computeType.isEmpty();
    if (hasStarted && !isWritten) {
      new TrainingEnvironment(computeType, List.copyOf(machines.values())).write(folder);
      isWritten = true;
    }
  }
}

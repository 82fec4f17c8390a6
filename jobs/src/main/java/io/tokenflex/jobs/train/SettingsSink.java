package io.tokenflex.jobs.train;

import io.tokenflex.jobs.config.EffectiveConf;
import io.tokenflex.jobs.config.RunConfig;
import io.tokenflex.jobs.events.EventSink;
import io.tokenflex.jobs.events.RankMessage;
import io.tokenflex.jobs.events.TrainingEvent;
import io.tokenflex.jobs.run.RunFolder;

/** Keeps the settings once the ranks start: nothing that could refuse them is left then. */
final class SettingsSink implements EventSink {
  private final RunFolder folder;
  private final RunConfig.Loaded loaded;

  SettingsSink(RunFolder folder, RunConfig.Loaded loaded) {
    this.folder = folder;
    this.loaded = loaded;
  }

  @Override
  public String name() {
    return folder.pathOf(EffectiveConf.FILE_NAME);
  }

  @Override
  public void accept(RankMessage message) {
    if (message.event() instanceof TrainingEvent.Started) {
      EffectiveConf.keep(folder, loaded);
    }
  }

  @Override
  public void flush() {}
}

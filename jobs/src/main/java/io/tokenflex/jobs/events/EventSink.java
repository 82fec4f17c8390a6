package io.tokenflex.jobs.events;

import java.io.IOException;

/**
 * A place on the driver that events of a training go to: a file, a dashboard.
 *
 * <p>Events are for people and decide nothing, so a sink may fail and may hang: {@link EventSinks}
 * calls it from a thread on which nothing else waits. A step may come again, for an attempt begins
 * after the newest checkpoint: {@link TrainingEvent.Started} says from where.
 */
public interface EventSink {

  /** What people know it by, for instance the path of its file. */
  String name();

  /**
   * Takes an event of any kind; those that do not concern the sink are passed over. It need not be
   * written before {@link #flush}.
   */
  void accept(RankMessage message) throws IOException;

  /**
   * Writes what has not been written. Called every few seconds, after a checkpoint and at the end;
   * what could not be written stays for the next call.
   */
  void flush() throws IOException;
}

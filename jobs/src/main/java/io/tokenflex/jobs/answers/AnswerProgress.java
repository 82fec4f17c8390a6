package io.tokenflex.jobs.answers;

import io.tokenflex.jobs.run.ClockText;
import java.io.IOException;
import java.time.Duration;
import java.util.Collection;
import java.util.Locale;
import java.util.Set;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Tells in the log how far answering has come, by the slices that are there. */
final class AnswerProgress implements AutoCloseable {
  private static final Logger log = LoggerFactory.getLogger(AnswerProgress.class);
  private static final Duration INTERVAL = Duration.ofSeconds(5);

  private final String job;
  private final AnswerStore store;
  private final Set<Slice> missing;
  private final int numSlices;
  private final Thread thread = new Thread(this::tellUntilClosed, "answer-progress");
  private long start;
  private int told;

  /**
   * Tells nothing before {@link #start}.
   *
   * @param missing slices that are to be answered now
   * @param numSlices of the job, those that were there among them
   */
  AnswerProgress(String job, AnswerStore store, Set<Slice> missing, int numSlices) {
    this.job = job;
    this.store = store;
    this.missing = Set.copyOf(missing);
    this.numSlices = numSlices;
  }

  void start() {
    start = System.nanoTime();
    thread.setDaemon(true);
    thread.start();
  }

  private void tellUntilClosed() {
    try {
      while (true) {
        Thread.sleep(INTERVAL.toMillis());
        tell();
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private void tell() {
    try {
      Collection<Slice.Committed> done =
          store.committed().values().stream()
              .filter(committed -> missing.contains(committed.slice()))
              .toList();
      if (done.size() > told) {
        told = done.size();
        long answers = done.stream().mapToLong(Slice.Committed::numRows).sum();
        log.info("{}", line(done.size(), answers, (System.nanoTime() - start) / 1e9));
      }
    } catch (IOException | RuntimeException e) {
      log.warn("{}: how far it is cannot be told: {}", job, e.toString());
    }
  }

  /** What is told after {@code seconds} in which so many slices and answers were made. */
  String line(int numDone, long numAnswers, double seconds) {
    int left = missing.size() - numDone;
    return String.format(
        Locale.ROOT,
        "%s: slice %d/%d  %d answers  %.1f answers/s  %s left",
        job,
        numSlices - left,
        numSlices,
        numAnswers,
        numAnswers / seconds,
        ClockText.of(Duration.ofMillis(Math.round(1000 * seconds * left / numDone))));
  }

  @Override
  public void close() {
    thread.interrupt();
  }
}

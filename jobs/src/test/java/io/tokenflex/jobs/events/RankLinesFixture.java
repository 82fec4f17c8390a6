package io.tokenflex.jobs.events;

import io.tokenflex.jobs.failure.FailureKind;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;

/** The driver of some ranks without Spark, on real sockets on loopback, and what it has heard. */
abstract class RankLinesFixture {
  static final String HOST = "127.0.0.1";
  static final Duration PATIENCE = Duration.ofSeconds(2);
  static final Duration DEADLINE = Duration.ofSeconds(30);

  final BlockingQueue<RankMessage> heard = new LinkedBlockingQueue<>();
  final List<AutoCloseable> open = new ArrayList<>();
  RankLines lines;

  @BeforeEach
  final void listen() throws IOException {
    lines = new RankLines(HOST, PATIENCE, heard::add);
  }

  @AfterEach
  final void close() throws Exception {
    for (AutoCloseable each : open) {
      each.close();
    }
    lines.close();
  }

  DriverConnection.Address start(int attempt) {
    return new DriverConnection.Address(
        HOST, lines.port(), attempt, lines.startAttempt(attempt).toHex());
  }

  DriverConnection connect(DriverConnection.Address driver, int rank) {
    DriverConnection connection = new DriverConnection(driver, rank, "executor " + rank);
    open.add(connection);
    return connection;
  }

  static TrainingEvent.Failed failure(int rank) {
    return new TrainingEvent.Failed(rank, FailureKind.DATA, "shard of rank " + rank);
  }

  static RankMessage failure(int attempt, int rank) {
    return new RankMessage(attempt, rank, failure(rank));
  }

  RankMessage next() throws InterruptedException {
    return heard.poll(DEADLINE.toSeconds(), TimeUnit.SECONDS);
  }
}

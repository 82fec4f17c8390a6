package io.tokenflex.jobs.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class SparkSessionsTest {
  private static final String NUM_THREADS = "ai.djl.pytorch.num_threads";
  private String before;

  @BeforeEach
  void clear() {
    before = System.clearProperty(NUM_THREADS);
  }

  @AfterEach
  void restore() {
    System.clearProperty(NUM_THREADS);
    if (before != null) {
      System.setProperty(NUM_THREADS, before);
    }
  }

  @Test
  void tasksInTheDriverAreComputedByTheThreadsOfAnExecutor() {
    SparkSessions.computeByThreads(3, Map.of());
    assertThat(System.getProperty(NUM_THREADS)).isEqualTo("3");
  }

  @Test
  void aNumberOfThreadsThatTheUserHasGivenIsKept() {
    SparkSessions.computeByThreads(3, Map.of("OMP_NUM_THREADS", "2"));
    assertThat(System.getProperty(NUM_THREADS)).isNull();
    System.setProperty(NUM_THREADS, "1");
    SparkSessions.computeByThreads(3, Map.of());
    assertThat(System.getProperty(NUM_THREADS)).isEqualTo("1");
  }
}

package io.tokenflex.config;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.typesafe.config.Config;
import com.typesafe.config.ConfigFactory;
import com.typesafe.config.ConfigParseOptions;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class ConfigBinderTest {
  enum Transport {
    SINGLE,
    // a constant with a body makes its enum a sealed class
    TCP_RING {
      @Override
      boolean isRemote() {
        return true;
      }
    };

    boolean isRemote() {
      return false;
    }
  }

  record Optimizer(double learningRate, Optional<Double> weightDecay) {
    Optimizer {
      if (learningRate <= 0) {
        throw new IllegalArgumentException("learningRate is " + learningRate + "; expected > 0");
      }
    }
  }

  record Everything(
      int maxSteps,
      long seed,
      long shardSizeBytes,
      boolean resume,
      String name,
      Transport transport,
      Duration deadline,
      List<Integer> counts,
      List<Optimizer> optimizers,
      Map<String, String> spark,
      Optimizer optimizer) {}

  private static final String EVERYTHING =
      """
      maxSteps = 100
      seed = 12345678901
      shardSizeBytes = 64MiB
      resume = true
      name = first run
      transport = tcp-ring
      deadline = 30s
      counts = [64, 144]
      optimizers = [{ learningRate = 0.1, weightDecay = 0.01 }]
      spark { spark.executor.memory = 2g, spark.cores.max = 2 }
      optimizer.learningRate = 1e-3
      """;

  @Test
  void everyComponentTypeIsBound() {
    Everything bound = ConfigBinder.bind(parse(EVERYTHING), Everything.class);

    assertThat(bound)
        .isEqualTo(
            new Everything(
                100,
                12345678901L,
                64L << 20,
                true,
                "first run",
                Transport.TCP_RING,
                Duration.ofSeconds(30),
                List.of(64, 144),
                List.of(new Optimizer(0.1, Optional.of(0.01))),
                Map.of("spark.executor.memory", "2g", "spark.cores.max", "2"),
                new Optimizer(1e-3, Optional.empty())));
  }

  sealed interface Schedule {
    record Constant(double rate) implements Schedule {}

    record WarmupCosine(double peak, long warmupSteps) implements Schedule {}
  }

  record Scheduled(Schedule schedule) {}

  @Test
  void aVariantIsChosenByItsType() {
    assertThat(
            ConfigBinder.bind(
                parse("schedule { type = warmup-cosine, peak = 0.5, warmupSteps = 3 }"),
                Scheduled.class))
        .isEqualTo(new Scheduled(new Schedule.WarmupCosine(0.5, 3)));
  }

  @Test
  void anUnknownOrMissingVariantNamesThoseThatThereAre() {
    assertThatThrownBy(
            () -> ConfigBinder.bind(parse("schedule { type = cosine }"), Scheduled.class))
        .isInstanceOf(InvalidConfigException.class)
        .hasMessage(
            "schedule.type (run.conf: 1) is cosine; expected one of constant, warmup-cosine");
    assertThatThrownBy(() -> ConfigBinder.bind(parse("schedule { rate = 1 }"), Scheduled.class))
        .hasMessageStartingWith("schedule.type (run.conf: 1) is missing; expected one of");
    assertThatThrownBy(() -> ConfigBinder.bind(parse("schedule = constant"), Scheduled.class))
        .hasMessageContaining("expected a section {...}");
  }

  @Test
  void aKeyOfAnotherVariantIsUnknown() {
    assertThatThrownBy(
            () ->
                ConfigBinder.bind(
                    parse("schedule { type = constant, rate = 1, warmupSteps = 3 }"),
                    Scheduled.class))
        .hasMessageStartingWith("Unknown key schedule.warmupSteps");
  }

  @Test
  void anUnknownKeyNamesItselfItsPlaceAndTheNearestKnownKey() {
    assertThatThrownBy(() -> bindEverything("optimizer.learningrate2 = 3"))
        .isInstanceOf(InvalidConfigException.class)
        .hasMessage(
            "Unknown key optimizer.learningrate2 (run.conf: 12); did you mean learningRate?");
  }

  @Test
  void anUnknownKeyUnlikeAnyOtherListsTheKnownOnes() {
    assertThatThrownBy(() -> bindEverything("optimizer.zzz = 3"))
        .hasMessage(
            "Unknown key optimizer.zzz (run.conf: 12); known here: learningRate, weightDecay");
  }

  @Test
  void aMissingKeySaysWhatIsExpected() {
    Config config = parse(EVERYTHING).withoutPath("deadline");

    assertThatThrownBy(() -> ConfigBinder.bind(config, Everything.class))
        .isInstanceOf(InvalidConfigException.class)
        .hasMessageStartingWith(
            "Missing key deadline: expected a duration with a unit such as 30s or 5m; add it to")
        .hasMessageEndingWith("or give --set deadline=...");
  }

  @Test
  void nullCountsAsMissing() {
    assertThatThrownBy(() -> bindEverything("name = null"))
        .hasMessageStartingWith("Missing key name");
  }

  @Test
  void aRefusalOfTheRecordPointsAtTheRefusedKey() {
    assertThatThrownBy(() -> bindEverything("optimizer.learningRate = -1"))
        .isInstanceOf(InvalidConfigException.class)
        .hasMessage("optimizer.learningRate (run.conf: 12): learningRate is -1.0; expected > 0");
  }

  @Test
  void wrongTypesNameTheValueAndTheExpectation() {
    assertWrong("maxSteps = many", "maxSteps (run.conf: 12) is \"many\"; expected a whole number");
    assertWrong("maxSteps = 2.5", "maxSteps (run.conf: 12) is 2.5; expected a whole number");
    assertWrong("seed = 2.5", "seed (run.conf: 12) is 2.5; expected a whole number");
    assertWrong("shardSizeBytes = big", "expected a size such as 64MiB");
    assertWrong("resume = perhaps", "expected true or false");
    assertWrong("transport = pigeon", "is \"pigeon\"; expected one of single, tcp-ring");
    assertWrong("deadline = 30", "is 30; expected a duration with a unit such as 30s or 5m");
    assertWrong("deadline = soon", "expected a duration with a unit such as 30s or 5m");
    assertWrong("counts = 64", "expected a list [...]");
    assertWrong("counts = [64, x]", "counts[1] (run.conf: 12) is \"x\"; expected a whole number");
    assertWrong("optimizer = 3", "optimizer (run.conf: 12) is 3; expected a section {...}");
    assertWrong("spark = 3", "expected a section {...}");
    assertWrong("optimizer.learningRate = fast", "expected a number");
  }

  private static void assertWrong(String setting, String message) {
    assertThatThrownBy(() -> bindEverything(setting))
        .isInstanceOf(InvalidConfigException.class)
        .hasMessageContaining(message);
  }

  private static Everything bindEverything(String lastLine) {
    return ConfigBinder.bind(parse(EVERYTHING + lastLine), Everything.class);
  }

  private static Config parse(String text) {
    return ConfigFactory.parseString(
        text, ConfigParseOptions.defaults().setOriginDescription("run.conf"));
  }
}

package io.tokenflex.dataprep.prepare;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.tokenflex.batches.BadSampleException;
import io.tokenflex.dataprep.judge.SampleFaults;
import io.tokenflex.dataprep.judge.SampleJudge;
import io.tokenflex.dataprep.testing.LlavaFolder;
import io.tokenflex.dataprep.testing.LocalSpark;
import io.tokenflex.dataprep.testing.TestConfig;
import io.tokenflex.samples.Sample;
import java.io.IOException;
import java.nio.file.Path;
import org.apache.spark.sql.SparkSession;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A judge sees an even share of what is written, and changes nothing of it. */
class JudgedSamplesTest {
  private static final int NUM_SAMPLES = 300;

  @TempDir private Path folder;

  @Test
  void aShareOfTheSamplesIsJudgedWhateverTheNumberOfTasks() throws IOException {
    TestConfig config = input();
    PrepareSummary unjudged;
    PrepareSummary one;
    PrepareSummary all;
    try (SparkSession spark = LocalSpark.start(1)) {
      unjudged = DatasetPreparation.prepare(spark, to(config, "unjudged"));
      one = DatasetPreparation.prepare(spark, to(config, "one"), new OddAnswers(70, false));
      all = DatasetPreparation.prepare(spark, to(config, "all"), new OddAnswers(300, false));
    }
    PrepareSummary three;
    try (SparkSession spark = LocalSpark.start(3)) {
      three = DatasetPreparation.prepare(spark, to(config, "three"), new OddAnswers(70, false));
    }
    assertThat(unjudged.faults().checked()).isZero();
    assertThat(one.manifest().shards()).as("shards").hasSizeGreaterThan(3);
    assertThat(one.faults().checked()).as("8 blocks of 8").isEqualTo(64);
    assertThat(one.faults().bad()).isBetween(15L, 45L);
    assertThat(one.faults().examplesById()).hasSize(SampleFaults.MAX_EXAMPLES);
    assertThat(three.faults().checked()).isEqualTo(64);
    assertThat(three.faults().bad()).isEqualTo(one.faults().bad());
    assertThat(three.faults().examplesById()).isEqualTo(one.faults().examplesById());
    assertThat(all.faults().checked()).isEqualTo(NUM_SAMPLES);
    assertThat(all.faults().bad()).isEqualTo(NUM_SAMPLES / 2);
    assertThat(one.manifest().contentFingerprint())
        .isEqualTo(three.manifest().contentFingerprint())
        .isEqualTo(unjudged.manifest().contentFingerprint());
  }

  @Test
  void aJudgeThatFailsFailsNoPreparation() throws IOException {
    TestConfig config = input();
    try (SparkSession spark = LocalSpark.start(2)) {
      PrepareSummary summary =
          DatasetPreparation.prepare(spark, to(config, "out"), new OddAnswers(70, true));
      assertThat(summary.outcome()).isEqualTo(PrepareSummary.Outcome.PUBLISHED);
      assertThat(summary.manifest().rows()).isEqualTo(NUM_SAMPLES);
      assertThat(summary.faults().failure())
          .hasValueSatisfying(reason -> assertThat(reason).contains("no tokenizer here"));
      assertThat(summary.faults().checked()).isZero();
    }
  }

  @Test
  void ofALaterVersionOnlyItsNewSamplesAreJudged() throws IOException {
    LlavaFolder llava = new LlavaFolder(folder);
    try (SparkSession spark = LocalSpark.start(2)) {
      SampleJudge judge = new OddAnswers(1000, false);
      llava.add(llava.record("first"));
      DatasetPreparation.prepare(spark, llava.asLines().build(), judge);
      llava.add(llava.record("second"));
      PrepareSummary more = DatasetPreparation.prepare(spark, llava.asLines().build(), judge);
      assertThat(more.manifest().rows()).isEqualTo(2);
      assertThat(more.faults().checked()).isEqualTo(1);
      PrepareSummary nothing = DatasetPreparation.prepare(spark, llava.asLines().build(), judge);
      assertThat(nothing.faults().checked()).isZero();
    }
  }

  private TestConfig input() throws IOException {
    LlavaFolder llava = new LlavaFolder(folder);
    ObjectNode pattern = llava.record("pattern");
    for (int i = 0; i < NUM_SAMPLES; i++) {
      ObjectNode record = pattern.deepCopy().put("id", "sample-" + i);
      LlavaFolder.turn(record, 1).put("value", "answer " + i);
      llava.add(record);
    }
    return llava.asLines();
  }

  private PrepareConfig to(TestConfig config, String name) {
    return config.output(folder.resolve("out/" + name).toUri().toString()).build();
  }

  /** Finds fault with samples whose answer ends with an odd digit. */
  private record OddAnswers(long maxSamples, boolean isBroken) implements SampleJudge {
    @Override
    public Bench open() throws IOException {
      if (isBroken) {
        throw new IOException("no tokenizer here");
      }
      return new Bench() {
        @Override
        public void judge(Sample sample) {
          String answer = sample.conversation().get(1).text();
          if ((answer.charAt(answer.length() - 1) - '0') % 2 == 1) {
            throw new BadSampleException(sample.id(), "Sample " + sample.id() + " is odd", null);
          }
        }

        @Override
        public void close() {}
      };
    }
  }
}

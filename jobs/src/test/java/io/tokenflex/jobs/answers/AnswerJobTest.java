package io.tokenflex.jobs.answers;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.tuple;

import ai.djl.Device;
import io.tokenflex.failure.InvalidInputException;
import io.tokenflex.generate.Answer;
import io.tokenflex.generate.Prompt;
import io.tokenflex.jobs.testing.SparkForTests;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.ConcurrentSkipListSet;
import org.apache.spark.api.java.JavaSparkContext;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class AnswerJobTest {
  /** Prompts that any model of this JVM was asked. */
  private static final Set<String> ASKED = new ConcurrentSkipListSet<>();

  private static final NumberedRows ROWS = new NumberedRows("rows", 5, 3);

  @TempDir Path folder;

  @BeforeEach
  void writeModel() throws IOException {
    Files.createDirectories(folder.resolve("model"));
    Files.writeString(folder.resolve("model/weights"), "one");
    ASKED.clear();
    ExecutorModel.closeCurrent();
  }

  private static AnswerModel parrot(Path modelFolder, Device device) {
    return new PlayedModel(modelFolder, AnswerJobTest::repeat);
  }

  private static Answer repeat(Prompt prompt, int count) {
    String text = prompt.question().text();
    ASKED.add(text + " at " + count);
    if (text.equals("number 7")) {
      throw new InvalidInputException("7 cannot be asked");
    }
    return new Answer(text + "!", 2);
  }

  @Test
  void everyRowIsAnsweredAtEveryCountInOrder() throws IOException {
    Answers answers = answer(settings(List.of(9, 4), 1), ROWS);

    List<Answers.OfSlice> slices = answers.read();
    assertThat(slices).hasSize(10);
    assertThat(slices.get(0).slice()).isEqualTo(new Slice(0, 4));
    assertThat(slices.get(1).slice()).isEqualTo(new Slice(0, 9));
    assertThat(slices.get(9).rows())
        .extracting(AnsweredRow::text)
        .containsExactly("number 12!", "number 13!", "number 14!");
    assertThat(slices.get(9).rows().get(2).carried()).containsEntry("twice", "28");
    assertThat(answers.precision()).isEqualTo("fp32");
    JavaSparkContext context =
        JavaSparkContext.fromSparkContext(SparkForTests.session().sparkContext());
    List<String> distributed =
        answers.rows(context).map(row -> row.numVisionTokens() + row.row().text()).collect();
    List<String> read = new ArrayList<>();
    slices.forEach(
        slice ->
            slice.rows().forEach(row -> read.add(slice.slice().numVisionTokens() + row.text())));
    assertThat(distributed).isEqualTo(read);
  }

  @Test
  void aRerunAsksNothingAndAnotherCountOnlyThatCount() throws IOException {
    List<Answers.OfSlice> first = answer(settings(List.of(4), 1), ROWS).read();
    ASKED.clear();

    assertThat(answer(settings(List.of(4), 1), ROWS).read()).isEqualTo(first);
    assertThat(ASKED).isEmpty();
    assertThat(answer(settings(List.of(4, 9), 1), ROWS).read()).hasSize(10);
    assertThat(ASKED).hasSize(15).allMatch(asked -> asked.endsWith(" at 9"));
  }

  @Test
  void anotherModelOtherRowsAndOtherSettingsAreNeverMixed() throws IOException {
    answer(settings(List.of(4), 1), ROWS);
    expectAllAskedAnew(settings(List.of(4), 1), new NumberedRows("other rows", 5, 3));
    expectAllAskedAnew(new AnswerSettings("test", List.of(4), 9, 2, 1), ROWS);
    expectAllAskedAnew(new AnswerSettings("test", List.of(4), 8, 3, 1), ROWS);
    Files.writeString(folder.resolve("model/weights"), "two");
    expectAllAskedAnew(settings(List.of(4), 1), ROWS);
  }

  private void expectAllAskedAnew(AnswerSettings settings, RowSource rows) throws IOException {
    ASKED.clear();
    answer(settings, rows);
    assertThat(ASKED).as("%s of %s", settings, rows).hasSize(15);
  }

  @Test
  void aBrokenRowIsNamedAndTheOthersOfItsBatchAreAnswered() throws IOException {
    Answers answers = answer(settings(List.of(4), 0.1), ROWS);

    List<AnsweredRow> rows = answers.read().get(2).rows();
    assertThat(rows).extracting(AnsweredRow::text).containsExactly("number 6!", "", "number 8!");
    assertThat(rows.get(1).problem()).isEqualTo("7 cannot be asked");
    assertThat(answers.brokenRows()).containsExactly("row-7 at 4 tokens: 7 cannot be asked");
  }

  @Test
  void moreBrokenRowsThanAllowedFailAfterAllOthersAreAnswered() throws IOException {
    assertThatThrownBy(() -> answer(settings(List.of(4), 0.05), ROWS))
        .isInstanceOf(InvalidInputException.class)
        .hasMessageContaining("1 of 15 answers")
        .hasMessageContaining("row-7 at 4 tokens: 7 cannot be asked")
        .hasMessageContaining("maxBrokenFraction = 0.05");
    ASKED.clear();
    assertThat(answer(settings(List.of(4), 0.1), ROWS).read()).hasSize(5);
    assertThat(ASKED).isEmpty();
  }

  @Test
  void answersOfTwoPrecisionsAreNotMixed() throws IOException {
    Answers answers = answer(settings(List.of(4), 1), ROWS);
    assertThat(answers.precision()).isEqualTo("fp32");
    Path store;
    try (var stores = Files.list(folder.resolve("answers"))) {
      store = stores.findFirst().orElseThrow();
    }
    Files.writeString(store.resolve(AnswerStore.PRECISION), "bf16");
    // One slice is missing, so there is one task: a second might still write when the job has
    // failed.
    try (var files = Files.list(store)) {
      Files.delete(
          files
              .filter(file -> file.getFileName().toString().startsWith("slice-"))
              .findFirst()
              .orElseThrow());
    }

    assertThatThrownBy(() -> answer(settings(List.of(4), 1), ROWS))
        .hasStackTraceContaining("This executor computes in fp32")
        .hasStackTraceContaining("are computed in bf16");
  }

  @Test
  void slicesOfAGroupStayTogetherInATask() {
    TreeSet<Slice> slices = new TreeSet<>();
    for (int group = 0; group < 7; group++) {
      slices.add(new Slice(group, 4));
      slices.add(new Slice(group, 9));
    }
    assertThat(AnswerJob.tasks(slices, 3))
        .extracting(task -> task.get(0).group(), List::size)
        .containsExactly(tuple(0, 4), tuple(2, 4), tuple(4, 6));
    assertThat(AnswerJob.tasks(slices, 50)).hasSize(7);
    assertThat(AnswerJob.tasks(List.of(), 3)).isEmpty();
  }

  private static AnswerSettings settings(List<Integer> counts, double maxBrokenFraction) {
    return new AnswerSettings("test", counts, 8, 2, maxBrokenFraction);
  }

  private Answers answer(AnswerSettings settings, RowSource rows) throws IOException {
    return AnswerJob.run(
        SparkForTests.session(),
        settings,
        rows,
        folder.resolve("model").toString(),
        AnswerJobTest::parrot,
        folder.resolve("answers").toString());
  }
}

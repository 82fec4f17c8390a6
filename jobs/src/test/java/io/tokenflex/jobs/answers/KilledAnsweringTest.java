package io.tokenflex.jobs.answers;

import static org.assertj.core.api.Assertions.assertThat;

import ai.djl.Device;
import io.tokenflex.jobs.answers.AnsweringProcess.Moment;
import io.tokenflex.jobs.run.ModelFolder;
import io.tokenflex.jobs.testing.SparkForTests;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentSkipListSet;
import java.util.concurrent.TimeUnit;
import org.apache.hadoop.conf.Configuration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Processes that die while they answer, one after the other, and a job that goes on. */
class KilledAnsweringTest {
  private static final Set<String> ASKED = new ConcurrentSkipListSet<>();

  @TempDir Path folder;

  private static AnswerModel model(Path modelFolder, Device device) {
    return new PlayedModel(
        modelFolder,
        (prompt, count) -> {
          ASKED.add(prompt.question().text() + " at " + count);
          return AnsweringProcess.answer(prompt.question().text(), count);
        });
  }

  @Test
  void threeDeathsAndARerunGiveTheTableOfAnUndisturbedRun() throws Exception {
    Path model = Files.createDirectory(folder.resolve("model"));
    Files.writeString(model.resolve("weights"), "some");
    Path answers = folder.resolve("answers");
    String digest = ModelFolder.of(model.toString(), new Configuration()).digest();

    die(answers, digest, Moment.COMPUTING, 2);
    assertThat(slices(answers)).isEqualTo(2);
    die(answers, digest, Moment.AFTER_COMMIT, 1);
    assertThat(slices(answers)).isEqualTo(4);
    die(answers, digest, Moment.BEFORE_COMMIT, 1);
    assertThat(slices(answers)).isEqualTo(5);

    List<String> undisturbed = table(run(model, folder.resolve("undisturbed")));
    ASKED.clear();
    assertThat(table(run(model, answers))).isEqualTo(undisturbed).hasSize(24);
    assertThat(ASKED).as("asked again: the rows of 3 slices").hasSize(9);
  }

  private static void die(Path answers, String model, Moment moment, int slicesBefore)
      throws IOException, InterruptedException {
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.addAll(List.of("-Xmx256m", "-XX:TieredStopAtLevel=1", "-XX:+UseSerialGC"));
    command.addAll(List.of("-cp", System.getProperty("java.class.path")));
    command.add(AnsweringProcess.class.getName());
    command.addAll(
        List.of(answers.toString(), model, moment.name(), Integer.toString(slicesBefore)));
    Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
    String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    assertThat(process.waitFor(1, TimeUnit.MINUTES)).isTrue();
    assertThat(process.exitValue()).as(output).isEqualTo(9);
  }

  private static long slices(Path answers) throws IOException {
    try (var files = Files.walk(answers)) {
      return files.filter(file -> file.getFileName().toString().startsWith("slice-")).count();
    }
  }

  private static Answers run(Path model, Path answers) throws IOException {
    return AnswerJob.run(
        SparkForTests.session(),
        AnsweringProcess.SETTINGS,
        AnsweringProcess.ROWS,
        model.toString(),
        KilledAnsweringTest::model,
        answers.toString());
  }

  private static List<String> table(Answers answers) throws IOException {
    List<String> table = new ArrayList<>();
    for (Answers.OfSlice slice : answers.read()) {
      for (AnsweredRow row : slice.rows()) {
        table.add(slice.slice() + " " + row.id() + " " + row.text() + " " + row.carried());
      }
    }
    return table;
  }
}

package io.tokenflex.jobs.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assertions.assertTimeoutPreemptively;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.api.io.TempDir;

/**
 * Runs {@code prepare} on folders of cases, inputs that were seen to go wrong; the form of a case
 * is in CONTRIBUTING. The system property {@code tokenflex.prepare.cases} names another folder of
 * them.
 */
class PrepareCasesTest {
  private static final Path CASES =
      Path.of(System.getProperty("tokenflex.prepare.cases", "src/test/resources/prepare-cases"));

  /** Far more than any case takes: a run without end must not hold up the others. */
  private static final Duration DEADLINE = Duration.ofMinutes(2);

  @TempDir Path work;

  @TestFactory
  List<DynamicTest> everyCaseGivesWhatItsExpectedJsonSays() throws IOException {
    try (Stream<Path> folders = Files.list(CASES)) {
      List<DynamicTest> tests =
          folders
              .filter(Files::isDirectory)
              .sorted()
              .map(
                  folder ->
                      DynamicTest.dynamicTest(
                          folder.getFileName().toString(),
                          () -> assertTimeoutPreemptively(DEADLINE, () -> run(folder))))
              .toList();
      assertThat(tests).as("cases in %s", CASES).isNotEmpty();
      return tests;
    }
  }

  private void run(Path folder) throws IOException, InterruptedException {
    PrepareCase copy =
        PrepareCase.copyOf(
            folder, Files.createTempDirectory(work, folder.getFileName().toString()));
    Optional<List<ExpectedStep>> expected = ExpectedStep.of(folder);
    if (expected.isEmpty()) {
      SeenStep seen = copy.run(ExpectedStep.unknown());
      throw new AssertionError(folder + " has no expected.json: write it. Seen: " + seen);
    }
    List<String> differences = new ArrayList<>();
    int number = 0;
    for (ExpectedStep step : expected.get()) {
      number++;
      SeenStep seen = copy.run(step);
      List<String> here = step.differences(seen, copy.folder());
      if (!here.isEmpty()) {
        differences.add("step " + number + " gave " + seen);
        differences.addAll(here);
      }
    }
    assertThat(differences).as("%s: what differs", folder).isEmpty();
  }
}

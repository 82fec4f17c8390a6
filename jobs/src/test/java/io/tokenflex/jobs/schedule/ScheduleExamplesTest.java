package io.tokenflex.jobs.schedule;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.tokenflex.jobs.cli.CommandLines;
import io.tokenflex.jobs.config.RunConfig;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import picocli.CommandLine.ParseResult;

/** Examples that nobody runs go stale: this holds their command lines against the program. */
class ScheduleExamplesTest {
  private static final Path EXAMPLES = Path.of("..", "docs", "schedule");
  private static final Path CONF = Path.of("..", "conf", "quickstart.conf");

  private static String text(String file) throws IOException {
    return Files.readString(EXAMPLES.resolve(file));
  }

  private static List<MatchResult> find(String regex, String text) {
    return Pattern.compile(regex, Pattern.MULTILINE).matcher(text).results().toList();
  }

  private static List<List<String>> commands(String file) throws IOException {
    String text = text(file);
    List<List<String>> commands = new ArrayList<>();
    switch (file) {
      case "nightly" ->
          find("^attempt (.+)$", text)
              .forEach(match -> commands.add(List.of(match.group(1).split(" ", -1))));
      case "airflow_dag.py" ->
          find("\\[\"((?:prepare|verify|expire)\".*?)]", text)
              .forEach(
                  match -> commands.add(List.of(match.group(1).replace("\"", "").split(", ", -1))));
      default -> // a YAML list: the program's own words follow the jar, or stand under arguments
          find("(?:tokenflex-jobs-spark\\.jar|arguments:)\n((?: +- .+\n)+)", text)
              .forEach(
                  match ->
                      commands.add(
                          match
                              .group(1)
                              .lines()
                              .map(line -> line.replaceFirst(" +- ", "").replace("\"", ""))
                              .toList()));
    }
    return commands;
  }

  @ParameterizedTest
  @ValueSource(strings = {"nightly", "airflow_dag.py", "cronjob.yaml", "spark-application.yaml"})
  void everyCommandLineIsUnderstood(String file) throws IOException {
    List<List<String>> commands = commands(file);
    assertThat(commands).as(file).isNotEmpty();
    for (List<String> command : commands) {
      ParseResult parsed = CommandLines.create().parseArgs(command.toArray(String[]::new));
      assertThat(parsed.hasSubcommand()).as("%s: %s", file, command).isTrue();
      List<String> settings = new ArrayList<>();
      for (int i = 0; i < command.size(); i++) {
        if (command.get(i).equals("--set")) {
          settings.add(command.get(i + 1));
        }
      }
      RunConfig.load(CONF, settings); // an unknown key is refused
    }
  }

  @Test
  void allCommandsOfTheGuideAreShownSomewhere() throws IOException {
    assertThat(commands("nightly"))
        .extracting(words -> words.get(0))
        .containsExactly("prepare", "verify", "expire");
    assertThat(commands("cronjob.yaml"))
        .extracting(words -> words.get(0))
        .containsExactly("prepare", "expire");
    for (MatchResult match : find("^\\./tokenflex (.+)$", text("README.md"))) {
      CommandLines.create().parseArgs(match.group(1).split(" ", -1));
    }
  }

  @Test
  void everySparkSettingIsSpelledAsSparkDoes() throws IOException {
    for (String file : List.of("cronjob.yaml", "spark-application.yaml")) {
      assertThat(find("^ +- (spark\\.[^=]+)=|^ +(spark\\.[a-zA-Z.]+):", text(file)))
          .as(file)
          .isNotEmpty()
          .allSatisfy(
              match -> {
                String key = match.group(1) == null ? match.group(2) : match.group(1);
                assertThat(key)
                    .isIn(
                        "spark.driver.host",
                        "spark.dynamicAllocation.enabled",
                        "spark.executor.cores",
                        "spark.executor.instances",
                        "spark.executor.memory",
                        "spark.kubernetes.container.image",
                        "spark.kubernetes.driver.pod.name",
                        "spark.kubernetes.namespace");
              });
    }
  }

  @Test
  void theExamplesAreWellFormed() throws Exception {
    assumeTrue(run("python3", "-c", "import yaml").status() == 0, "needs python3 with PyYAML");
    Ended check = run(EXAMPLES.resolve("check").toAbsolutePath().toString());
    assertThat(check.status()).as(check.output()).isZero();
  }

  @Test
  void theScriptRetriesWhatMayHelpAndNothingElse(@org.junit.jupiter.api.io.TempDir Path folder)
      throws Exception {
    assumeTrue(run("flock", "--version").status() == 0, "needs flock");
    // Played: a tokenflex that ends with the statuses of a file, one a call, and a mail that notes
    // its subject.
    Files.createDirectories(folder.resolve("bin"));
    script(
        folder.resolve("tokenflex"),
        "echo \"$1\" >> \"$TOKENFLEX_HOME/calls\"; status=$(head -n 1 \"$TOKENFLEX_HOME/statuses\");"
            + " sed -i 1d \"$TOKENFLEX_HOME/statuses\"; exit \"$status\"");
    script(folder.resolve("bin/mail"), "echo \"$2\" >> \"$TOKENFLEX_HOME/mails\"");

    assertThat(nightly(folder, "4\n5\n0\n0\n0\n").status()).isZero();
    assertThat(Files.readAllLines(folder.resolve("calls")))
        .containsExactly("prepare", "prepare", "prepare", "verify", "expire");
    assertThat(folder.resolve("mails")).doesNotExist();

    Files.delete(folder.resolve("calls"));
    assertThat(nightly(folder, "0\n3\n").status()).isEqualTo(3);
    assertThat(Files.readAllLines(folder.resolve("calls"))).containsExactly("prepare", "verify");
    assertThat(Files.readString(folder.resolve("mails"))).contains("verify ended with status 3");
  }

  private static void script(Path file, String line) throws IOException {
    Files.writeString(file, "#!/usr/bin/env bash\n" + line + "\n");
    assertThat(file.toFile().setExecutable(true)).isTrue();
  }

  private record Ended(int status, String output) {}

  private static Ended nightly(Path folder, String statuses) throws Exception {
    Files.writeString(folder.resolve("statuses"), statuses);
    return run(
        "env",
        "PATH=" + folder.resolve("bin") + ":" + System.getenv("PATH"),
        "TOKENFLEX_HOME=" + folder,
        "TOKENFLEX_DATASET=somewhere",
        "TOKENFLEX_PAUSE_SECONDS=0",
        "TOKENFLEX_LOCK=" + folder.resolve("lock"),
        EXAMPLES.resolve("nightly").toAbsolutePath().toString());
  }

  private static Ended run(String... command) throws Exception {
    try {
      Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
      process.getOutputStream().close();
      String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
      return new Ended(process.waitFor(), output);
    } catch (IOException e) { // no such program
      return new Ended(127, e.getMessage());
    }
  }
}

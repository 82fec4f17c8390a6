package io.tokenflex.jobs.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** The pages for people against the program and against each other. */
class DocsTest {
  private static final Path ROOT = Path.of("..");
  private static final Pattern COMMAND = Pattern.compile("(?m)^\\./tokenflex ([^#\\n]+)");
  private static final Pattern LINK =
      Pattern.compile("\\]\\((?!https?://)([^)#\\s]*)#?[^)\\s]*\\)");
  private static final Pattern CODE = Pattern.compile("(?s)```.*?```|`[^`\\n]*`");

  static List<Path> pages() throws IOException {
    try (Stream<Path> top = Files.list(ROOT);
        Stream<Path> docs = Files.walk(ROOT.resolve("docs"))) {
      return Stream.concat(top, docs)
          .filter(file -> file.toString().endsWith(".md"))
          .sorted()
          .toList();
    }
  }

  @ParameterizedTest
  @MethodSource("pages")
  void everyCommandLineIsUnderstood(Path page) throws IOException {
    List<MatchResult> commands = COMMAND.matcher(Files.readString(page)).results().toList();
    for (MatchResult command : commands) {
      String[] words = command.group(1).strip().split("\\s+", -1);
      assertThat(CommandLines.create().parseArgs(words).hasSubcommand())
          .as("%s: %s", page, Arrays.toString(words))
          .isTrue();
    }
  }

  @ParameterizedTest
  @MethodSource("pages")
  void everyLinkLeadsToAFile(Path page) throws IOException {
    String text = CODE.matcher(Files.readString(page)).replaceAll("");
    for (MatchResult link : LINK.matcher(text).results().toList()) {
      if (!link.group(1).isEmpty()) {
        assertThat(page.resolveSibling(link.group(1))).as("%s: %s", page, link.group()).exists();
      }
    }
  }

  @Test
  void theReadmeIsReadInFiveMinutes() throws IOException {
    assertThat(Files.readAllLines(ROOT.resolve("README.md"))).hasSizeLessThanOrEqualTo(120);
  }
}

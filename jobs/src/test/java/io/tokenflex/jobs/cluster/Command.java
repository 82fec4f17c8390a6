package io.tokenflex.jobs.cluster;

import static org.assertj.core.api.Assertions.assertThat;

import io.tokenflex.jobs.cli.CommandLines;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;

/**
 * A command line of ours, to be submitted to a cluster or executed in the JVM of a test.
 *
 * @param sparkSettings such as {@code spark.speculation=true}
 */
record Command(List<String> words, List<String> sparkSettings) {
  static Command of(String... words) {
    return new Command(List.of(words), List.of("spark.ui.enabled=false"));
  }

  /** A command on the quickstart's configuration, with executors of 512 MiB. */
  static Command onQuickstart(String name) {
    String conf = Path.of("..", "conf", "quickstart.conf").toString();
    return of(name, "--conf", conf).with("cluster.executorMemory=512m");
  }

  /** Adds settings of the run; the last one of a name counts. */
  Command with(String... settings) {
    return with(List.of(settings));
  }

  /** Adds settings of the run; the last one of a name counts. */
  Command with(List<String> settings) {
    List<String> all = new ArrayList<>(words);
    settings.forEach(setting -> all.addAll(List.of("--set", setting)));
    return new Command(all, sparkSettings);
  }

  Command withSpark(String... settings) {
    List<String> all = new ArrayList<>(sparkSettings);
    all.addAll(List.of(settings));
    return new Command(words, all);
  }

  /** The settings of the run that were added, in their order. */
  List<String> settings() {
    return IntStream.range(1, words.size())
        .filter(i -> words.get(i - 1).equals("--set"))
        .mapToObj(words::get)
        .toList();
  }

  /** Executes it in this JVM, where Spark, if it takes one, is local; it must succeed. */
  void executeHere() {
    assertThat(CommandLines.create().execute(words.toArray(String[]::new)))
        .as("%s", words)
        .isZero();
  }
}

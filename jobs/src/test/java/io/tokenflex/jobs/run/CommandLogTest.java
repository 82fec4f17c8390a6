package io.tokenflex.jobs.run;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.apache.hadoop.conf.Configuration;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class CommandLogTest {
  @TempDir Path folder;
  private RunFolder run;

  @BeforeEach
  void open() throws IOException {
    run = RunFolder.of(folder.toString(), new Configuration());
  }

  @Test
  void commandsAreKeptInTheirOrderAndOneThatBrokeOffHasNoDuration() throws IOException {
    CommandLog.begin(run, "quickstart", List.of("quickstart", "--dir", "/tmp/my run"));
    CommandLog.begin(run, "train", List.of("train", "--conf", "a.conf")).end();

    List<CommandLog.Entry> entries = CommandLog.read(run);

    assertThat(entries)
        .extracting(CommandLog.Entry::line)
        .containsExactly(
            "./tokenflex quickstart --dir '/tmp/my run'", "./tokenflex train --conf a.conf");
    assertThat(entries.get(0).seconds()).isNull();
    assertThat(entries.get(1).seconds()).isBetween(0.0, 600.0);
    assertThat(entries.get(1).trains()).isTrue();
    assertThat(entries.get(1).driver()).isEqualTo(Machine.here());
  }

  @Test
  void secretsAreLeftOut() {
    assertThat(
            CommandLog.lineOf(
                List.of(
                    "train",
                    "--set",
                    "cluster.spark.\"spark.hadoop.fs.s3a.secret.key\"=hunter2",
                    "--set=cluster.spark.spark.hadoop.fs.s3a.access.key=AKIA",
                    "--set",
                    "cluster.spark.spark.kubernetes.authenticate.oauthToken=abc",
                    "--set",
                    "data.train=s3a://me:hunter2@bucket/train",
                    "--set",
                    "tokens.counts=[9, 256]")))
        .isEqualTo(
            "./tokenflex train --set"
                + " 'cluster.spark.\"spark.hadoop.fs.s3a.secret.key\"=(left out)'"
                + " '--set=cluster.spark.spark.hadoop.fs.s3a.access.key=(left out)'"
                + " --set 'cluster.spark.spark.kubernetes.authenticate.oauthToken=(left out)'"
                + " --set 'data.train=s3a://(left out)@bucket/train'"
                + " --set 'tokens.counts=[9, 256]'");
  }

  @Test
  void whatAShellWouldReadOtherwiseIsQuoted() {
    assertThat(CommandLog.lineOf(List.of("train", "--conf", "it's.conf", "")))
        .isEqualTo("./tokenflex train --conf 'it'\\''s.conf' ''");
  }

  @Test
  void theNewestHundredAreKept() throws IOException {
    for (int i = 0; i < 103; i++) {
      CommandLog.begin(run, "report", List.of("report", "n" + i)).end();
    }
    assertThat(CommandLog.read(run)).hasSize(100);
    assertThat(CommandLog.read(run).get(99).line()).isEqualTo("./tokenflex report n102");
  }

  @Test
  void aCommandWorksWhereItsLogCannotBeReadOrWritten() throws IOException {
    CommandLog.begin(run, "train", List.of("train")).end();
    String sound = Files.readString(folder.resolve(CommandLog.FILE));
    Files.writeString(
        folder.resolve(CommandLog.FILE), "{damaged\n" + sound + sound.replaceAll("20\\d\\d", "-"));
    CommandLog.begin(run, "report", List.of("report")).end();
    assertThat(CommandLog.read(run))
        .extracting(CommandLog.Entry::name)
        .containsExactly("train", "report");

    Files.delete(folder.resolve(CommandLog.FILE));
    Files.createDirectories(folder.resolve(CommandLog.FILE).resolve("in the way"));
    CommandLog.begin(run, "report", List.of("report")).end();
  }
}

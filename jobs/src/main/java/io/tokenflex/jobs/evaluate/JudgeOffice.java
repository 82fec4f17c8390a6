package io.tokenflex.jobs.evaluate;

import io.tokenflex.benchmark.BenchmarkScoring;
import io.tokenflex.digest.Digests;
import io.tokenflex.jobs.config.BenchmarkSettings;
import io.tokenflex.jobs.config.JudgeSettings;
import io.tokenflex.jobs.run.RunFolder;
import io.tokenflex.judge.CachedJudge;
import io.tokenflex.judge.JudgePrompts;
import io.tokenflex.judge.PatientJudge;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The judge of an evaluation, if it has one; its replies are kept in the run folder. */
final class JudgeOffice {
  /** Where replies lie in a run folder. */
  static final String REPLIES = EvaluateJob.FOLDER + "/judge";

  private static final Logger log = LoggerFactory.getLogger(JudgeOffice.class);

  private final Optional<PatientJudge> judge;
  private final JudgePrompts prompts;
  private final int rowsAtOnce;
  private final RunFolder runFolder;

  private JudgeOffice(
      Optional<PatientJudge> judge, JudgePrompts prompts, int rowsAtOnce, RunFolder runFolder) {
    this.judge = judge;
    this.prompts = prompts;
    this.rowsAtOnce = rowsAtOnce;
    this.runFolder = runFolder;
  }

  /**
   * Opens it; nothing is asked yet.
   *
   * @param environment of the driver, which holds the key
   */
  static JudgeOffice of(
      JudgeSettings settings, Map<String, String> environment, RunFolder runFolder)
      throws IOException {
    JudgePrompts prompts = JudgePrompts.builtIn();
    for (Map.Entry<String, String> file : new TreeMap<>(settings.prompts()).entrySet()) {
      prompts = prompts.with(file.getKey(), Files.readString(Path.of(file.getValue())));
    }
    return new JudgeOffice(
        settings.isOn()
            ? Optional.of(
                new PatientJudge(settings.connect(environment), settings.maxFailuresInARow()))
            : Optional.empty(),
        prompts,
        settings.rowsAtOnce(),
        runFolder);
  }

  /** What scores a benchmark. */
  BenchmarkScoring scoring(BenchmarkSettings settings) {
    if (judge.isEmpty()) {
      return new BenchmarkScoring(settings.rules());
    }
    String rule = settings.name() + " " + Digests.sha256Hex(settings.rules().toString());
    return new BenchmarkScoring(
        settings.rules(),
        new CachedJudge(judge.get(), rule, runFolder.storage(REPLIES)),
        prompts,
        rowsAtOnce);
  }

  /** Says in the log how many questions have no reply. */
  void tellFailures() {
    judge
        .filter(asked -> asked.failures() > 0)
        .ifPresent(
            asked ->
                log.warn(
                    "evaluate: {} questions to the judge {} have no reply so far, so their rows"
                        + " may be unscored; the last one: {}",
                    asked.failures(),
                    asked.name(),
                    asked.lastFailure()));
  }
}

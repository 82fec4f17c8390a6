package io.tokenflex.jobs.samples;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.SerializationFeature;
import io.tokenflex.batches.BadSamples;
import io.tokenflex.dataprep.dataset.DatasetFolder;
import io.tokenflex.dataprep.dataset.Manifest;
import io.tokenflex.dataprep.judge.SampleFaults;
import io.tokenflex.dataprep.judge.SampleJudge;
import io.tokenflex.dataprep.prepare.PrepareSummary;
import io.tokenflex.failure.InvalidInputException;
import io.tokenflex.jobs.config.RunConfig;
import io.tokenflex.jobs.run.RunFolder;
import java.io.IOException;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import org.apache.spark.sql.SparkSession;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Says before a run's first step which samples of its data it will have to skip.
 *
 * <p>What was found is kept in the run's folder, so that a run that is started again need not look
 * twice. Looking ahead fails nothing: where it does not work, training finds out by itself.
 */
public final class LookAhead {
  /** What was found, in the run's folder. */
  static final String FILE_NAME = "sample-check.json";

  /** Enough to tell a wrong setting; tokenizing more would make preparing slower. */
  private static final long MAX_JUDGED_SAMPLES = 1_000;

  private static final Logger log = LoggerFactory.getLogger(LookAhead.class);
  private static final ObjectMapper JSON =
      new ObjectMapper().enable(SerializationFeature.INDENT_OUTPUT);

  private final SparkSession session;
  private final RunConfig config;
  private final RunFolder runFolder;

  /**
   * A finding as it is stored.
   *
   * @param of digest of the data, the limits and how many samples were to be looked at
   */
  record Stored(String of, long checked, long bad, Map<String, String> examples) {}

  public LookAhead(SparkSession session, RunConfig config, RunFolder runFolder) {
    this.session = session;
    this.config = config;
    this.runFolder = runFolder;
  }

  /** For {@code prepare}: what looks at a share of the samples while they are written. */
  public SampleJudge judge() {
    long maxSamples = Math.min(MAX_JUDGED_SAMPLES, config.data().checkSamples());
    if (maxSamples == 0) {
      return SampleJudge.NONE;
    }
    try {
      return new TrainingJudge(limits(), maxSamples);
    } catch (IOException | RuntimeException e) {
      log.warn(
          "Could not find out what this run can be trained on, so samples are not looked at: {}",
          e.toString());
      return SampleJudge.NONE;
    }
  }

  /** After {@code prepare}: tells what its judge found, and nothing more. */
  public void tell(PrepareSummary summary) {
    SampleFaults faults = summary.faults();
    Manifest manifest = summary.manifest();
    faults
        .failure()
        .ifPresent(
            reason ->
                log.warn("Could not look at all samples that were to be looked at: {}", reason));
    if (faults.bad() > 0) {
      log.warn("prepare: {}", words(faults, manifest.run().rows()));
    }
    if (faults.checked() > 0 && faults.checked() == manifest.rows()) {
      try {
        keep(key(manifest, limits(), manifest.rows()), faults);
      } catch (IOException | RuntimeException e) {
        log.warn("Could not keep what was found: {}", e.toString());
      }
    }
  }

  /**
   * Before {@code train}.
   *
   * @throws InvalidInputException if more samples than the run allows cannot be trained on
   */
  public void check(DatasetFolder dataset, Manifest manifest) {
    Optional<SampleFaults> found = find(dataset, manifest, config.data().checkSamples());
    if (found.isEmpty() || found.get().bad() == 0) {
      return;
    }
    SampleFaults faults = found.get();
    String words = words(faults, manifest.rows());
    if (config.train().onBadSample() == BadSamples.FAIL) {
      throw new InvalidInputException(
          words
              + ". Mend that and prepare the dataset again, or set train.onBadSample = skip to train"
              + " without them");
    }
    double allowed = config.train().maxBadSampleFraction();
    if (faults.bad() > allowed * faults.checked()) {
      throw new InvalidInputException(
          words
              + ". That is more than train.maxBadSampleFraction = "
              + allowed
              + " allows: mend that, or allow more");
    }
    log.warn("train: {}; training skips them", words);
  }

  private static String words(SampleFaults faults, long numSamples) {
    List<String> examples = faults.examples();
    String which = faults.checked() < numSamples ? " looked at" : "";
    return String.format(
        Locale.ROOT,
        "%d of %d samples%s cannot be trained on. %s%s",
        faults.bad(),
        faults.checked(),
        which,
        String.join(". ", examples),
        faults.bad() > examples.size() ? ". And others" : "");
  }

  private Optional<SampleFaults> find(DatasetFolder dataset, Manifest manifest, long maxSamples) {
    if (maxSamples == 0) {
      return Optional.empty();
    }
    try {
      SampleLimits limits = limits();
      String of = key(manifest, limits, maxSamples);
      Optional<SampleFaults> before = read(of);
      if (before.isPresent()) {
        return before;
      }
      SampleFaults found = SampleCheck.run(session, dataset, manifest, limits, maxSamples);
      keep(of, found);
      return Optional.of(found);
    } catch (Exception e) { // Scala throws what it does not declare
      log.warn("Could not look at the samples of {} beforehand: {}", dataset, e.toString());
      return Optional.empty();
    }
  }

  private Optional<SampleFaults> read(String of) throws IOException {
    if (!runFolder.exists(FILE_NAME)) {
      return Optional.empty();
    }
    try {
      Stored stored = JSON.readValue(runFolder.readText(FILE_NAME), Stored.class);
      return stored.of().equals(of)
          ? Optional.of(new SampleFaults(stored.checked(), stored.bad(), stored.examples()))
          : Optional.empty();
    } catch (JsonProcessingException | NullPointerException e) {
      return Optional.empty(); // cut off, or of another version of this program
    }
  }

  private SampleLimits limits() throws IOException {
    return SampleLimits.of(config, session.sparkContext().hadoopConfiguration());
  }

  private static String key(Manifest manifest, SampleLimits limits, long maxSamples) {
    long looked = Math.min(maxSamples, manifest.rows());
    return manifest.contentFingerprint() + " " + limits.digest() + " " + looked;
  }

  private void keep(String of, SampleFaults found) {
    Stored stored = new Stored(of, found.checked(), found.bad(), found.examplesById());
    try {
      runFolder.writeText(FILE_NAME, JSON.writeValueAsString(stored) + "\n");
    } catch (IOException e) {
      log.warn("Could not keep what was found in {}: {}", FILE_NAME, e.toString());
    }
  }
}

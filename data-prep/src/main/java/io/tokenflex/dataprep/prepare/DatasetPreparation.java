package io.tokenflex.dataprep.prepare;

import io.tokenflex.dataprep.dataset.DatasetFolder;
import io.tokenflex.dataprep.dataset.Manifest;
import io.tokenflex.dataprep.dataset.Manifest.InputIdentity;
import io.tokenflex.dataprep.dataset.Manifest.Shard;
import io.tokenflex.dataprep.input.InputFile;
import io.tokenflex.dataprep.input.InputListing;
import io.tokenflex.dataprep.input.SettingsDifference;
import io.tokenflex.dataprep.judge.SampleFaults;
import io.tokenflex.dataprep.judge.SampleJudge;
import io.tokenflex.dataprep.prepare.PrepareSummary.Outcome;
import io.tokenflex.dataprep.storage.DatasetStateUnknownException;
import io.tokenflex.failure.InvalidInputException;
import java.io.IOException;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.FileStatus;
import org.apache.spark.sql.SparkSession;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Creates a dataset from image-text files, or adds new records as the dataset's next version.
 *
 * <p>The newest version is the parent if it was prepared with the same settings: unchanged files
 * are not read again, and records it contains are not added again. A failed run leaves all
 * published versions unchanged.
 */
public final class DatasetPreparation {
  private static final Logger log = LoggerFactory.getLogger(DatasetPreparation.class);

  private final SparkSession session;
  private final PrepareConfig config;
  private final SampleJudge judge;
  private final DatasetFolder dataset;

  private DatasetPreparation(
      SparkSession session, PrepareConfig config, SampleJudge judge, DatasetFolder dataset) {
    this.session = session;
    this.config = config;
    this.judge = judge;
    this.dataset = dataset;
  }

  /**
   * Prepares and publishes a version, or finds that there is nothing new.
   *
   * @throws IllegalArgumentException if the input cannot be read, the output folder contains
   *     anything else, or too many records are rejected
   * @throws io.tokenflex.dataprep.dataset.VersionConflictException if another run published
   *     meanwhile
   * @throws DatasetStateUnknownException if storage failures leave it unknown whether the version
   *     was published
   */
  public static PrepareSummary prepare(SparkSession session, PrepareConfig config)
      throws IOException {
    return prepare(session, config, SampleJudge.NONE);
  }

  /**
   * As above, with a judge for some of the written samples.
   *
   * @param judge its result is in the summary and does not affect the dataset
   */
  public static PrepareSummary prepare(
      SparkSession session, PrepareConfig config, SampleJudge judge) throws IOException {
    Configuration hadoop = session.sparkContext().hadoopConfiguration();
    return new DatasetPreparation(session, config, judge, DatasetFolder.at(config.output(), hadoop))
        .prepare(hadoop);
  }

  private PrepareSummary prepare(Configuration hadoop) throws IOException {
    dataset.refuseForeign();
    warnOfLeftovers();
    Optional<Manifest> newest = dataset.newest();
    InputListing listing = new InputListing(hadoop);
    Optional<Manifest> parent = parent(newest, listing);
    List<InputFile> files =
        listing.unknown(config.inputs(), parent.map(Manifest::inputs).orElse(List.of()));
    if (files.isEmpty()) {
      log.info("{} holds all of its input already; nothing to do", dataset);
      return new PrepareSummary(Outcome.NOTHING_NEW, parent.orElseThrow(), new SampleFaults());
    }
    int version = newest.map(Manifest::version).orElse(0) + 1;
    String run = dataset.createRun(version);
    try {
      PreparationRun.Result result =
          new PreparationRun(session, config, dataset, parent, judge, run).write(files);
      Manifest manifest = manifest(version, parent, files, result);
      dataset.publish(manifest);
      return new PrepareSummary(
          manifest.run().rows() == 0 ? Outcome.NOTHING_NEW : Outcome.PUBLISHED,
          manifest,
          result.faults());
    } catch (DatasetStateUnknownException e) {
      throw e; // the version may be published, so the files of this run must not be deleted
    } catch (Throwable failure) {
      discard(run, failure);
      throw failure;
    }
  }

  private void discard(String run, Throwable failure) {
    try {
      dataset.discardRun(run);
    } catch (IOException | RuntimeException e) {
      failure.addSuppressed(e);
    }
  }

  private void warnOfLeftovers() throws IOException {
    for (FileStatus run : dataset.unpublishedRuns()) {
      log.warn(
          "{} was left by a killed run or belongs to one at work; 'tokenflex expire' removes it later",
          run.getPath());
    }
  }

  /**
   * The parent: the newest version, if all settings that affect samples are unchanged.
   *
   * @throws InvalidInputException if they changed and overwriting is not allowed
   */
  private Optional<Manifest> parent(Optional<Manifest> newest, InputListing listing)
      throws IOException {
    if (newest.isEmpty()) {
      return newest;
    }
    List<String> changes = changedSettings(newest.get(), listing);
    if (changes.isEmpty()) {
      return newest;
    }
    if (!config.settings().overwrite()) {
      throw new InvalidInputException(
          dataset
              + " was prepared with other settings: "
              + String.join("; ", changes)
              + ". What it holds would not fit what is read now: set prepare.overwrite = true to make it"
              + " anew as its next version, choose another output, or take the setting back");
    }
    log.info(
        "{} is made anew as its next version, for settings differ: {}",
        dataset,
        String.join("; ", changes));
    return Optional.empty();
  }

  private List<String> changedSettings(Manifest newest, InputListing listing) throws IOException {
    List<String> changes = new ArrayList<>();
    Map<String, String> now = config.settingsByName();
    Map<String, String> then = newest.settings();
    if (then != null) {
      SettingsDifference.of(then, now).forEach((name, change) -> changes.add(name + " " + change));
    }
    if (!newest.configDigest().equals(config.digest()) && changes.isEmpty()) {
      changes.add(
          String.format(
              Locale.ROOT,
              "their digest was %s, is %s (seed was %d, rowsPerRowGroup %d, dedup %s)",
              newest.configDigest(),
              config.digest(),
              newest.seed(),
              newest.rowsPerRowGroup(),
              newest.dedup()));
    }
    changes.addAll(listing.changedSettings(config.inputs(), newest.inputs()));
    return changes;
  }

  private Manifest manifest(
      int version, Optional<Manifest> parent, List<InputFile> files, PreparationRun.Result result) {
    List<Shard> shards = new ArrayList<>(parent.map(Manifest::shards).orElse(List.of()));
    shards.addAll(result.shards());
    // A changed file replaces its previous identity.
    Map<String, InputIdentity> inputs =
        parent.map(Manifest::inputs).orElse(List.of()).stream()
            .collect(
                Collectors.toMap(
                    InputIdentity::path, input -> input, (a, b) -> b, LinkedHashMap::new));
    files.forEach(file -> inputs.put(file.path(), file.identity()));
    return new Manifest(
        Manifest.formatVersion(shards),
        version,
        parent.map(Manifest::version).orElse(0),
        Instant.now().truncatedTo(ChronoUnit.SECONDS).toString(),
        shards.stream().mapToLong(Shard::rows).sum(),
        shards.stream().mapToLong(Shard::images).sum(),
        shards.stream().mapToLong(Shard::bytes).sum(),
        config.settings().rowsPerRowGroup(),
        shards,
        result.counts(),
        List.copyOf(inputs.values()),
        config.seed(),
        config.settings().dedup(),
        config.digest(),
        config.settingsByName());
  }
}

package io.tokenflex.checkpoint;

import io.tokenflex.modelfolder.ManifestDigests;
import java.util.ArrayList;
import java.util.List;

/**
 * Where a run stands, and what fixes its future: the same values give the same batches.
 *
 * @param step optimizer updates done; also the next step's number, counted from 0
 * @param worldSize of the run that wrote it; may change on resume
 * @param dataFingerprint of the dataset that the sample order walks
 * @param tokenSchedule the schedule in words
 * @param trainedSegments names of the segments with optimizer state, in order of their offsets
 * @param adapters the adapters that train, in words; empty where the model trains in full
 * @param baseDigest of the weights beside which they train; empty where the model trains in full
 */
public record TrainState(
    long step,
    int worldSize,
    long seed,
    int lanes,
    int globalBatchSize,
    int windowRowGroups,
    String dataFingerprint,
    String tokenSchedule,
    List<String> trainedSegments,
    String adapters,
    String baseDigest) {
  /** The file that holds it. */
  public static final String FILE_NAME = ManifestDigests.TRAIN_STATE;

  public TrainState {
    trainedSegments = List.copyOf(trainedSegments);
    adapters = adapters == null ? "" : adapters; // not in files written before there were any
    baseDigest = baseDigest == null ? "" : baseDigest;
  }

  /**
   * Why resuming {@code stored} under this state's settings would not continue the same run: every
   * setting that differs, with what it was and is.
   */
  public List<String> differencesFrom(TrainState stored) {
    List<String> differences = new ArrayList<>();
    compare(differences, "run.seed", stored.seed, seed);
    compare(differences, "train.lanes", stored.lanes, lanes);
    compare(differences, "train.globalBatchSize", stored.globalBatchSize, globalBatchSize);
    compare(differences, "train.windowRowGroups", stored.windowRowGroups, windowRowGroups);
    compare(differences, "data fingerprint", stored.dataFingerprint, dataFingerprint);
    compare(differences, "token schedule", stored.tokenSchedule, tokenSchedule);
    compare(differences, "trained segments", stored.trainedSegments, trainedSegments);
    compare(differences, "train.lora", orNone(stored.adapters), orNone(adapters));
    compare(differences, "digest of pretrained", orNone(stored.baseDigest), orNone(baseDigest));
    return differences;
  }

  private static String orNone(String words) {
    return words.isEmpty() ? "none" : words;
  }

  private static void compare(List<String> differences, String key, Object stored, Object now) {
    if (!stored.equals(now)) {
      differences.add(key + " was " + stored + " and is " + now);
    }
  }
}

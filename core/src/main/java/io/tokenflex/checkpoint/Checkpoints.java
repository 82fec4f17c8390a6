package io.tokenflex.checkpoint;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.fasterxml.jackson.databind.ObjectMapper;
import io.tokenflex.distributed.CollectiveException;
import io.tokenflex.distributed.ProcessGroup;
import io.tokenflex.distributed.SharedWork;
import io.tokenflex.model.TokenFlexModel;
import io.tokenflex.model.WeightsChecksum;
import io.tokenflex.optimizer.AdamW;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The checkpoints of one run, in the format of docs/format/checkpoint.md.
 *
 * <p>Saving is a collective: every rank writes its slice of the optimizer state, rank 0 the model
 * and the manifest, into a folder of their own. Then rank 0 announces it, which only an attempt
 * that has not been replaced can do, and gives it its name. Until that moment nobody sees it.
 */
public final class Checkpoints {
  /** Folder of the adapter beside the model, in PEFT's format. */
  public static final String ADAPTER = "adapter/";

  /** What bounds reading and writing, as a user sets it. */
  public static final String TIMEOUT = "train.checkpointTimeout";

  private static final String SMALL_TIMEOUT = "train.collectiveTimeout";
  private static final ObjectMapper JSON = new ObjectMapper();

  private static final Logger log = LoggerFactory.getLogger(Checkpoints.class);

  private final CheckpointStorage storage;
  private final CheckpointCatalog catalog;
  private final CheckpointContent content;
  private final PublishingRight right;
  private final Retention retention;

  /**
   * The checkpoints under the root of {@code storage}, written by an attempt that begins with the
   * first call of {@link #begin}.
   *
   * @param keep how many of the newest to keep when saving
   */
  public Checkpoints(CheckpointStorage storage, int keep) {
    this(storage, keep, Optional.empty());
  }

  /**
   * The checkpoints under the root of {@code storage}.
   *
   * @param keep how many of the newest to keep when saving
   * @param attempt that writes; if empty, {@link #begin} begins one
   */
  public Checkpoints(CheckpointStorage storage, int keep, Optional<WriterAttempt> attempt) {
    this.storage = storage;
    this.catalog = new CheckpointCatalog(storage);
    this.content = new CheckpointContent(storage);
    this.right = new PublishingRight(storage, attempt);
    this.retention = new Retention(storage, right, keep);
  }

  /**
   * How long saving may take.
   *
   * @param large for writing weights and optimizer state, and for publishing
   * @param small for the manifest: a storage that takes longer for a few kilobytes does not answer
   */
  public record Limits(Duration large, Duration small) {}

  /**
   * A published checkpoint.
   *
   * @param digest SHA-256 of its manifest
   */
  public record Published(String folder, CheckpointManifest manifest, String digest) {}

  /**
   * Takes over from the attempts before: none of them can publish any more, what they announced is
   * finished, what else they left is removed. For rank 0, before it looks for the newest
   * checkpoint.
   */
  public void begin() throws IOException {
    right.begin();
    finishAnnounced();
    retention.removeLeftovers();
  }

  /** Finishes a publication that was announced by an attempt which has ended. */
  public void finishAnnounced() throws IOException {
    Optional<WriterRecord> announced = new WriterLog(storage).lastPublication();
    if (announced.isPresent()) {
      catalog.finish(announced.get());
    }
  }

  /**
   * The checkpoint with the most steps, if there is one.
   *
   * @throws IOException if the newest one's manifest cannot be read; names it
   */
  public Optional<Published> latest() throws IOException {
    return catalog.latest();
  }

  /**
   * The checkpoint that all ranks go on from: rank 0 chooses, the others open the same one. A
   * collective call.
   *
   * @throws CollectiveException if a rank sees another checkpoint, or none, under its name
   */
  public Optional<Published> chooseForAll(ProcessGroup group, Duration limit) throws IOException {
    SharedWork work = new SharedWork(group, limit, TIMEOUT);
    String place = storage.locationOf("");
    byte[] chosen =
        work.run(
                "choosing the checkpoint in " + place,
                () -> group.rank() == 0 ? nameOf(chooseNewest()) : new byte[0])
            .get(0);
    if (chosen.length == 0) {
      return Optional.empty();
    }
    String folder = JSON.readValue(chosen, Identity.class).folder();
    List<Published> opened = new ArrayList<>();
    List<byte[]> seen =
        work.run(
            "opening checkpoint " + storage.locationOf(folder),
            () -> {
              opened.add(openAsChosen(folder, group.rank()));
              return nameOf(Optional.of(opened.get(0)));
            });
    for (int rank = 1; rank < seen.size(); rank++) {
      if (!Arrays.equals(seen.get(rank), chosen)) {
        throw new CollectiveException(
            String.format(
                Locale.ROOT,
                "Rank %d sees another checkpoint than rank 0: %s instead of %s; restart all ranks",
                rank,
                new String(seen.get(rank), UTF_8),
                new String(chosen, UTF_8)),
            null);
      }
    }
    return Optional.of(opened.get(0));
  }

  /** That rank 0 can open it and another rank cannot says nothing of the checkpoint. */
  private Published openAsChosen(String folder, int rank) throws IOException {
    try {
      return catalog.open(folder);
    } catch (IOException e) {
      CollectiveException failure =
          new CollectiveException(
              String.format(
                  Locale.ROOT,
                  "Rank %d cannot open checkpoint %s, which rank 0 chose: %s; restart all ranks",
                  rank,
                  storage.locationOf(folder),
                  e.getMessage()),
              null);
      failure.addSuppressed(e);
      throw failure;
    }
  }

  private Optional<Published> chooseNewest() throws IOException {
    begin();
    return latest();
  }

  /** By what ranks compare checkpoints. */
  private record Identity(String folder, long step, String manifestSha256) {}

  private static byte[] nameOf(Optional<Published> checkpoint) throws IOException {
    if (checkpoint.isEmpty()) {
      return new byte[0];
    }
    Published it = checkpoint.get();
    return JSON.writeValueAsBytes(new Identity(it.folder(), it.manifest().step(), it.digest()));
  }

  /** The state of a published checkpoint. */
  public TrainState readState(Published checkpoint) throws IOException {
    return content.readState(checkpoint);
  }

  /** A small file of a published checkpoint, empty if there is none of that name. */
  public Optional<byte[]> readFile(Published checkpoint, String name) throws IOException {
    return content.readFile(checkpoint, name);
  }

  /**
   * Restores weights and optimizer state; every file's digest is compared. Of a model with adapters
   * only what trains is restored: its base must be there already, and is to be merged with them.
   *
   * @throws CorruptCheckpointException if a file is not what was written
   */
  public void restore(Published checkpoint, TokenFlexModel model, AdamW adamW) throws IOException {
    content.restore(checkpoint, model, adamW);
  }

  /**
   * Writes and publishes a checkpoint; a collective call.
   *
   * @param modelFiles small files of the model folder by name: configuration, tokenizer
   * @param limits how long its parts may take
   * @return the published folder's location
   * @throws AttemptReplacedException if another attempt has begun
   * @throws CollectiveException if the ranks are not at the same step or have not the same weights
   */
  public String save(
      TrainState state,
      TokenFlexModel model,
      AdamW adamW,
      Map<String, byte[]> modelFiles,
      ProcessGroup group,
      Limits limits)
      throws IOException {
    if (group.rank() == 0) {
      right.begin();
    }
    String folder = CheckpointCatalog.folderOf(state.step());
    String location = storage.locationOf(folder);
    String staging = agree(state.step(), folder, WeightsChecksum.of(model), group);
    SharedWork work = new SharedWork(group, limits.large(), TIMEOUT);
    List<byte[]> everyones;
    try {
      everyones =
          work.run(
              "writing checkpoint " + location,
              () ->
                  JSON.writeValueAsBytes(
                      content.write(staging, state, model, adamW, modelFiles, group)));
      new SharedWork(group, limits.small(), SMALL_TIMEOUT)
          .run(
              "writing the manifest of checkpoint " + location,
              () -> {
                if (group.rank() == 0) {
                  content.writeManifest(staging, state.step(), entries(everyones));
                  catalog.freeName(folder);
                }
                return new byte[0];
              });
    } catch (IOException | RuntimeException | Error e) {
      if (group.rank() == 0) {
        discard(staging); // nobody was told of it
      }
      throw e;
    }
    work.run(
        "publishing checkpoint " + location,
        () -> {
          if (group.rank() == 0) {
            right.announce(folder, staging);
            catalog.publish(staging, folder);
            retention.run();
          }
          return new byte[0];
        });
    return location;
  }

  /**
   * Compares step and weights of all ranks; returns the folder to write into. Rank 0 gives its
   * name: a rank of an attempt that has ended must not write into this one's.
   */
  private String agree(long step, String folder, int checksum, ProcessGroup group) {
    String staging = group.rank() == 0 ? CheckpointCatalog.stagingOf(folder, right.attempt()) : "";
    String mine = String.format(Locale.ROOT, "step %d, weights' CRC32C %08x", step, checksum);
    List<String> everyones =
        group.allGather((mine + "\n" + staging).getBytes(UTF_8)).stream()
            .map(bytes -> new String(bytes, UTF_8))
            .toList();
    List<String> first = everyones.get(0).lines().toList();
    for (int rank = 1; rank < everyones.size(); rank++) {
      String others = everyones.get(rank).lines().toList().get(0);
      if (!others.equals(first.get(0))) {
        throw new CollectiveException(
            String.format(
                Locale.ROOT,
                "The ranks are not the same before checkpoint %s, so it is not written: rank 0 has"
                    + " %s, rank %d has %s; restart all ranks from the last checkpoint",
                storage.locationOf(folder),
                first.get(0),
                rank,
                others),
            null);
      }
    }
    return first.get(1);
  }

  private static List<CheckpointManifest.Entry> entries(List<byte[]> everyones) throws IOException {
    List<CheckpointManifest.Entry> all = new ArrayList<>();
    for (byte[] entries : everyones) {
      all.addAll(List.of(JSON.readValue(entries, CheckpointManifest.Entry[].class)));
    }
    return all;
  }

  private void discard(String staging) {
    try {
      storage.delete(staging);
    } catch (IOException e) {
      log.warn(
          "{} stays ({}); the next attempt tries again to remove it",
          storage.locationOf(staging),
          e.toString());
    }
  }
}

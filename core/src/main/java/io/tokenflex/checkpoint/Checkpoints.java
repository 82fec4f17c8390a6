package io.tokenflex.checkpoint;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.fasterxml.jackson.databind.ObjectMapper;
import io.tokenflex.distributed.CollectiveException;
import io.tokenflex.distributed.ProcessGroup;
import io.tokenflex.distributed.SharedWork;
import io.tokenflex.model.TokenFlexModel;
import io.tokenflex.model.WeightsChecksum;
import io.tokenflex.optimizer.AdamW;
import io.tokenflex.storage.Storage;
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
 * <p>Every rank writes its slice of the optimizer state, rank 0 the model, into a folder that is no
 * checkpoint yet, and says so in the storage ({@link CheckpointDraft}). Rank 0 waits for all,
 * announces the checkpoint, which only an attempt that has not been replaced can do, and creates
 * its manifest, one act. Until that moment nobody sees it. Ranks talk only to compare their weights
 * and to tell each other meanwhile that they are alive.
 */
public final class Checkpoints {
  /** Folder of the adapter beside the model, in PEFT's format. */
  public static final String ADAPTER = "adapter/";

  /** What bounds reading and writing, as a user sets it. */
  public static final String TIMEOUT = "train.checkpointTimeout";

  private static final String SMALL_TIMEOUT = "train.collectiveTimeout";
  private static final byte[] NOTHING = {};
  private static final ObjectMapper JSON = new ObjectMapper();

  private static final Logger log = LoggerFactory.getLogger(Checkpoints.class);

  private final Storage storage;
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
  public Checkpoints(Storage storage, int keep) {
    this(storage, keep, Optional.empty());
  }

  /**
   * The checkpoints under the root of {@code storage}.
   *
   * @param keep how many of the newest to keep when saving
   * @param attempt that writes; if empty, {@link #begin} begins one
   */
  public Checkpoints(Storage storage, int keep, Optional<WriterAttempt> attempt) {
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
    if (announced.isPresent() && !catalog.isPublished(announced.get().folder())) {
      CheckpointDraft.lastIn(storage, announced.get().folder(), announced.get().number()).finish();
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
    agree(state.step(), WeightsChecksum.of(model), group);
    CheckpointDraft draft = begin(state.step(), group, limits);
    String location = storage.locationOf(draft.folder());
    SharedWork work = new SharedWork(group, limits.large(), TIMEOUT);
    List<CheckpointManifest.Entry> files = new ArrayList<>();
    // Where this fails nothing is deleted: another attempt may use the folder by now. It begins by
    // removing what this one has left.
    work.run(
        "writing checkpoint " + location,
        () -> {
          int rank = group.rank();
          int worldSize = group.worldSize();
          draft.report(
              rank,
              worldSize,
              content.write(draft.folder(), state, model, adamW, modelFiles, rank, worldSize));
          if (rank == 0) {
            files.addAll(
                draft.awaitParts(
                    worldSize,
                    limits.large(),
                    () -> {
                      work.checkPeers();
                      right.check(draft.folder()); // the next attempt removes parts
                    }));
          }
          return NOTHING;
        });
    onRankZero(
        new SharedWork(group, limits.small(), SMALL_TIMEOUT),
        group,
        "writing the manifest of checkpoint " + location,
        () -> draft.complete(state.step(), files));
    onRankZero(work, group, "publishing checkpoint " + location, () -> publish(draft));
    return location;
  }

  private interface Act {
    void run() throws IOException;
  }

  private static void onRankZero(SharedWork work, ProcessGroup group, String what, Act act)
      throws IOException {
    work.run(
        what,
        () -> {
          if (group.rank() == 0) {
            act.run();
          }
          return NOTHING;
        });
  }

  /** Where the files of a draft lie, for the ranks that did not begin it. */
  private record Place(String folder, long attempt) {}

  /** Rank 0 takes the name, and the others hear of it. */
  private CheckpointDraft begin(long step, ProcessGroup group, Limits limits) throws IOException {
    byte[] begun =
        new SharedWork(group, limits.large(), TIMEOUT)
            .run(
                "beginning checkpoint " + storage.locationOf(CheckpointCatalog.folderOf(step)),
                () -> {
                  if (group.rank() != 0) {
                    return NOTHING;
                  }
                  right.begin();
                  String folder = CheckpointDraft.begin(storage, step, right.attempt()).folder();
                  right.check(folder); // one that was replaced before writes nothing there
                  return JSON.writeValueAsBytes(new Place(folder, right.attempt().number()));
                })
            .get(0);
    Place place = JSON.readValue(begun, Place.class);
    return CheckpointDraft.in(storage, place.folder(), place.attempt());
  }

  private void publish(CheckpointDraft draft) throws IOException {
    // If this fails its record may be there all the same, and another attempt finish it.
    right.announce(draft.folder());
    draft.publish();
    if (isRemoved(draft)) {
      throw right.replaced(draft.folder());
    }
    retention.run();
  }

  /**
   * Whether another attempt has published it, gone on and removed it, all before this one did the
   * same; that it was published stands, whatever fails here.
   */
  private boolean isRemoved(CheckpointDraft draft) {
    try {
      return !right.isHeld() && draft.takeBackIfRemoved();
    } catch (IOException e) {
      log.warn(
          "Cannot look whether {} is still there: {}",
          storage.locationOf(draft.folder()),
          e.toString());
      return false;
    }
  }

  /** Compares step and weights of all ranks. */
  private void agree(long step, int checksum, ProcessGroup group) {
    String mine = String.format(Locale.ROOT, "step %d, weights' CRC32C %08x", step, checksum);
    List<String> everyones =
        group.allGather(mine.getBytes(UTF_8)).stream()
            .map(bytes -> new String(bytes, UTF_8))
            .toList();
    String first = everyones.get(0);
    for (int rank = 1; rank < everyones.size(); rank++) {
      if (!everyones.get(rank).equals(first)) {
        throw new CollectiveException(
            String.format(
                Locale.ROOT,
                "The ranks are not the same before checkpoint %s, so it is not written: rank 0 has"
                    + " %s, rank %d has %s; restart all ranks from the last checkpoint",
                storage.locationOf(CheckpointCatalog.folderOf(step)),
                first,
                rank,
                everyones.get(rank)),
            null);
      }
    }
  }
}

package io.tokenflex.checkpoint;

import static java.nio.charset.StandardCharsets.UTF_8;

import ai.djl.ndarray.NDArray;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.SerializationFeature;
import io.tokenflex.distributed.ProcessGroup;
import io.tokenflex.lora.AdapterTensors;
import io.tokenflex.model.TokenFlexModel;
import io.tokenflex.optimizer.AdamW;
import io.tokenflex.pretrained.PeftAdapter;
import io.tokenflex.weights.ModelFiles;
import io.tokenflex.weights.SafetensorsReader;
import io.tokenflex.weights.SafetensorsWriter;
import io.tokenflex.weights.WeightLoader;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HexFormat;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ThreadLocalRandom;

/**
 * The checkpoints of one run, in the format of docs/format/checkpoint.md.
 *
 * <p>Saving is a collective: every rank writes its slice of the optimizer state, rank 0 the model;
 * then rank 0 writes the manifest and renames the folder. Until that moment nobody sees it.
 */
public final class Checkpoints {
  /** Folder of the adapter beside the model, in PEFT's format. */
  public static final String ADAPTER = "adapter/";

  private static final String ADAPTER_WEIGHTS = ADAPTER + PeftAdapter.WEIGHTS;
  private static final String PUBLISHED = "step-";
  private static final String STAGING = ".staging-";
  private static final ObjectMapper JSON =
      new ObjectMapper().enable(SerializationFeature.INDENT_OUTPUT);

  private final CheckpointStorage storage;
  private final HashedFiles files;
  private final int keep;

  /**
   * The checkpoints under the root of {@code storage}.
   *
   * @param keep how many of the newest to keep when saving
   */
  public Checkpoints(CheckpointStorage storage, int keep) {
    this.storage = storage;
    this.files = new HashedFiles(storage);
    this.keep = keep;
  }

  /** A published checkpoint. */
  public record Published(String folder, CheckpointManifest manifest) {}

  /**
   * The checkpoint with the most steps, if there is one.
   *
   * @throws IOException if the newest one's manifest cannot be read; names it
   */
  public Optional<Published> latest() throws IOException {
    List<String> folders = publishedFolders();
    return folders.isEmpty()
        ? Optional.empty()
        : Optional.of(open(folders.get(folders.size() - 1)));
  }

  private Published open(String folder) throws IOException {
    String place = folder + "/" + CheckpointManifest.FILE_NAME;
    try (InputStream in = storage.open(place)) {
      CheckpointManifest manifest = JSON.readValue(in, CheckpointManifest.class);
      if (manifest.formatVersion() != CheckpointManifest.FORMAT_VERSION) {
        throw new IOException(
            String.format(
                Locale.ROOT,
                "format version %d; this program reads %d",
                manifest.formatVersion(),
                CheckpointManifest.FORMAT_VERSION));
      }
      return new Published(folder, manifest);
    } catch (IOException e) {
      throw new CorruptCheckpointException(
          "Cannot read checkpoint manifest %s: %s. Delete or move the folder to resume from the one before it"
              .formatted(storage.locationOf(place), e.getMessage()),
          e);
    }
  }

  /** Published folders by ascending step; one without a manifest is not published. */
  private List<String> publishedFolders() throws IOException {
    List<String> folders = new ArrayList<>();
    for (String name : storage.list("")) {
      if (isStep(name) && storage.list(name).contains(CheckpointManifest.FILE_NAME)) {
        folders.add(name);
      }
    }
    folders.sort(Comparator.comparingLong(name -> stepOf(name)));
    return folders;
  }

  private static boolean isStep(String name) {
    return name.matches(PUBLISHED + "\\d+");
  }

  private static long stepOf(String folder) {
    return Long.parseLong(folder.substring(PUBLISHED.length()));
  }

  /** The state of a published checkpoint. */
  public TrainState readState(Published checkpoint) throws IOException {
    return files.read(
        checkpoint.folder(),
        entry(checkpoint, TrainState.FILE_NAME),
        in -> JSON.readValue(in, TrainState.class));
  }

  /** A small file of a published checkpoint, empty if there is none of that name. */
  public Optional<byte[]> readFile(Published checkpoint, String name) throws IOException {
    for (CheckpointManifest.Entry entry : checkpoint.manifest().files()) {
      if (entry.name().equals(name)) {
        return Optional.of(files.read(checkpoint.folder(), entry, InputStream::readAllBytes));
      }
    }
    return Optional.empty();
  }

  /**
   * Restores weights and optimizer state; every file's digest is compared. Of a model with adapters
   * only what trains is restored: its base must be there already, and is to be merged with them.
   *
   * @throws CorruptCheckpointException if a file is not what was written
   */
  public void restore(Published checkpoint, TokenFlexModel model, AdamW adamW) throws IOException {
    String folder = checkpoint.folder();
    String weights = model.adapters().isPresent() ? ADAPTER_WEIGHTS : ModelFiles.WEIGHTS;
    files.read(
        folder,
        entry(checkpoint, weights),
        in -> {
          SafetensorsReader reader = new SafetensorsReader(in, weights);
          if (model.adapters().isPresent()) {
            new AdapterTensors(model).read(reader, storage.locationOf(folder));
          } else {
            WeightLoader.load(reader, storage.locationOf(folder), model.parameters());
          }
          return null;
        });
    OptimizerSlices slices = new OptimizerSlices(adamW);
    long restored = 0;
    for (CheckpointManifest.Entry entry : checkpoint.manifest().files()) {
      if (entry.name().startsWith("optimizer-")) {
        restored += files.read(folder, entry, in -> slices.read(in, entry.name()));
      } else if (!entry.name().equals(weights)) {
        files.read(folder, entry, in -> null); // only compares the digest
      }
    }
    if (restored != slices.numElements()) {
      throw new CorruptCheckpointException(
          String.format(
              Locale.ROOT,
              "Checkpoint %s holds optimizer state of %d elements; the model trains %d",
              storage.locationOf(folder),
              restored,
              slices.numElements()),
          null);
    }
  }

  /**
   * Writes and publishes a checkpoint; a collective call.
   *
   * @param modelFiles small files of the model folder by name: configuration, tokenizer
   * @return the published folder's location
   */
  public String save(
      TrainState state,
      TokenFlexModel model,
      AdamW adamW,
      Map<String, byte[]> modelFiles,
      ProcessGroup group)
      throws IOException {
    String folder = PUBLISHED + String.format(Locale.ROOT, "%08d", state.step());
    String attempt = HexFormat.of().toHexDigits(ThreadLocalRandom.current().nextLong());
    // Rank 0's number: a rank of a dying attempt must not write into this one's staging folder.
    String staging =
        STAGING + folder + "-" + new String(group.allGather(attempt.getBytes(UTF_8)).get(0), UTF_8);
    List<CheckpointManifest.Entry> mine = new ArrayList<>();
    mine.add(writeOptimizerSlice(staging, adamW, group));
    if (group.rank() == 0) {
      mine.addAll(writeModel(staging, state, model, modelFiles));
    }
    List<byte[]> everyones = group.allGather(JSON.writeValueAsBytes(mine));
    if (group.rank() == 0) {
      List<CheckpointManifest.Entry> all = new ArrayList<>();
      for (byte[] entries : everyones) {
        all.addAll(List.of(JSON.readValue(entries, CheckpointManifest.Entry[].class)));
      }
      publish(staging, folder, state.step(), all);
      deleteOld(folder);
    }
    group.barrier();
    return storage.locationOf(folder);
  }

  private CheckpointManifest.Entry writeOptimizerSlice(
      String staging, AdamW adamW, ProcessGroup group) throws IOException {
    OptimizerSlices slices = new OptimizerSlices(adamW);
    long total = slices.numElements();
    long from = total * group.rank() / group.worldSize();
    long to = total * (group.rank() + 1) / group.worldSize();
    String name =
        String.format(
            Locale.ROOT, "optimizer-%05d-of-%05d.safetensors", group.rank() + 1, group.worldSize());
    return files.write(staging, name, out -> slices.write(out, from, to));
  }

  private List<CheckpointManifest.Entry> writeModel(
      String staging, TrainState state, TokenFlexModel model, Map<String, byte[]> modelFiles)
      throws IOException {
    List<CheckpointManifest.Entry> entries = new ArrayList<>();
    entries.add(
        files.write(
            staging,
            ModelFiles.WEIGHTS,
            out -> {
              Map<String, NDArray> weights = model.parameters().namedWeights();
              try {
                SafetensorsWriter.write(out, weights);
              } finally {
                weights.values().forEach(NDArray::close); // windows: the memory stays
              }
            }));
    if (model.adapters().isPresent()) {
      AdapterTensors adapters = new AdapterTensors(model);
      entries.add(files.write(staging, ADAPTER_WEIGHTS, adapters::write));
    }
    for (Map.Entry<String, byte[]> file : modelFiles.entrySet()) {
      entries.add(files.write(staging, file.getKey(), out -> out.write(file.getValue())));
    }
    byte[] stateBytes = JSON.writeValueAsBytes(state);
    entries.add(files.write(staging, TrainState.FILE_NAME, out -> out.write(stateBytes)));
    return entries;
  }

  private void publish(
      String staging, String folder, long step, List<CheckpointManifest.Entry> entries)
      throws IOException {
    CheckpointManifest manifest =
        new CheckpointManifest(CheckpointManifest.FORMAT_VERSION, step, entries);
    try (OutputStream out = storage.create(staging + "/" + CheckpointManifest.FILE_NAME)) {
      out.write(JSON.writeValueAsBytes(manifest));
    }
    delete(folder); // an incomplete one of the same step, or the same step done again
    storage.publish(staging, folder);
  }

  /** Keeps the newest ones; removes what broken attempts left behind. */
  private void deleteOld(String newest) throws IOException {
    List<String> published = publishedFolders();
    List<String> kept = published.subList(Math.max(0, published.size() - keep), published.size());
    for (String name : storage.list("")) {
      boolean old = isStep(name) && !kept.contains(name) && !name.equals(newest);
      if (old || name.startsWith(STAGING)) {
        delete(name);
      }
    }
  }

  /** The manifest goes first: a folder half deleted is no checkpoint. */
  private void delete(String folder) throws IOException {
    storage.delete(folder + "/" + CheckpointManifest.FILE_NAME);
    storage.delete(folder);
  }

  private CheckpointManifest.Entry entry(Published checkpoint, String name) throws IOException {
    return checkpoint.manifest().files().stream()
        .filter(entry -> entry.name().equals(name))
        .findFirst()
        .orElseThrow(
            () ->
                new CorruptCheckpointException(
                    "Checkpoint %s has no %s; delete or move the folder to resume from the one before it"
                        .formatted(storage.locationOf(checkpoint.folder()), name),
                    null));
  }
}

package io.tokenflex.checkpoint;

import ai.djl.ndarray.NDArray;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.SerializationFeature;
import io.tokenflex.checkpoint.Checkpoints.Published;
import io.tokenflex.lora.AdapterTensors;
import io.tokenflex.lora.PeftAdapter;
import io.tokenflex.model.TokenFlexModel;
import io.tokenflex.modelfolder.ManifestDigests;
import io.tokenflex.modelfolder.ModelFiles;
import io.tokenflex.modelfolder.WeightLoader;
import io.tokenflex.optimizer.AdamW;
import io.tokenflex.safetensors.SafetensorsReader;
import io.tokenflex.safetensors.SafetensorsWriter;
import io.tokenflex.storage.Storage;
import java.io.IOException;
import java.io.InputStream;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;

/**
 * What the files of a checkpoint hold, as docs/format/checkpoint.md says: read whole by every rank,
 * written by each rank in part. Knows nothing of names, publication or other ranks.
 */
final class CheckpointContent {
  private static final String ADAPTER_WEIGHTS = Checkpoints.ADAPTER + PeftAdapter.WEIGHTS;
  private static final ObjectMapper JSON =
      new ObjectMapper().enable(SerializationFeature.INDENT_OUTPUT);

  private final Storage storage;
  private final HashedFiles files;

  CheckpointContent(Storage storage) {
    this.storage = storage;
    this.files = new HashedFiles(storage);
  }

  /** The state of a published checkpoint. */
  TrainState readState(Published checkpoint) throws IOException {
    TrainState state =
        files.read(
            checkpoint.folder(),
            entry(checkpoint, TrainState.FILE_NAME),
            in -> JSON.readValue(in, TrainState.class));
    if (state.step() != checkpoint.manifest().step()) {
      throw new CorruptCheckpointException(
          String.format(
              Locale.ROOT,
              "Checkpoint %s is of step %d by its manifest and of step %d by its state; delete or"
                  + " move the folder to resume from the one before it",
              storage.locationOf(checkpoint.folder()),
              checkpoint.manifest().step(),
              state.step()),
          null);
    }
    return state;
  }

  /** A small file of a published checkpoint, empty if there is none of that name. */
  Optional<byte[]> readFile(Published checkpoint, String name) throws IOException {
    Optional<CheckpointManifest.Entry> entry = find(checkpoint, name);
    return entry.isEmpty()
        ? Optional.empty()
        : Optional.of(files.read(checkpoint.folder(), entry.get(), InputStream::readAllBytes));
  }

  /**
   * Restores weights and optimizer state; every file's digest is compared. Of a model with adapters
   * only what trains is restored: its base must be there already, and is to be merged with them.
   *
   * @throws CorruptCheckpointException if a file is not what was written
   */
  void restore(Published checkpoint, TokenFlexModel model, AdamW adamW) throws IOException {
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
      if (entry.name().startsWith(ManifestDigests.OPTIMIZER)) {
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

  /** A rank's part: its slice of the optimizer state, and of rank 0 the model. */
  List<CheckpointManifest.Entry> write(
      String folder,
      TrainState state,
      TokenFlexModel model,
      AdamW adamW,
      Map<String, byte[]> modelFiles,
      int rank,
      int worldSize)
      throws IOException {
    List<CheckpointManifest.Entry> mine = new ArrayList<>();
    mine.add(writeOptimizerSlice(folder, adamW, rank, worldSize));
    if (rank == 0) {
      mine.addAll(writeModel(folder, state, model, modelFiles));
    }
    return mine;
  }

  private CheckpointManifest.Entry writeOptimizerSlice(
      String folder, AdamW adamW, int rank, int worldSize) throws IOException {
    OptimizerSlices slices = new OptimizerSlices(adamW);
    long total = slices.numElements();
    long from = total * rank / worldSize;
    long to = total * (rank + 1) / worldSize;
    String name =
        String.format(
            Locale.ROOT,
            "%s%05d-of-%05d.safetensors",
            ManifestDigests.OPTIMIZER,
            rank + 1,
            worldSize);
    return files.write(folder, name, out -> slices.write(out, from, to));
  }

  private List<CheckpointManifest.Entry> writeModel(
      String folder, TrainState state, TokenFlexModel model, Map<String, byte[]> modelFiles)
      throws IOException {
    List<CheckpointManifest.Entry> entries = new ArrayList<>();
    entries.add(
        files.write(
            folder,
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
      entries.add(files.write(folder, ADAPTER_WEIGHTS, adapters::write));
    }
    for (Map.Entry<String, byte[]> file : modelFiles.entrySet()) {
      entries.add(files.write(folder, file.getKey(), out -> out.write(file.getValue())));
    }
    byte[] stateBytes = JSON.writeValueAsBytes(state);
    entries.add(files.write(folder, TrainState.FILE_NAME, out -> out.write(stateBytes)));
    return entries;
  }

  private CheckpointManifest.Entry entry(Published checkpoint, String name) throws IOException {
    return find(checkpoint, name)
        .orElseThrow(
            () ->
                new CorruptCheckpointException(
                    "Checkpoint %s has no %s; delete or move the folder to resume from the one before it"
                        .formatted(storage.locationOf(checkpoint.folder()), name),
                    null));
  }

  private static Optional<CheckpointManifest.Entry> find(Published checkpoint, String name) {
    return checkpoint.manifest().files().stream()
        .filter(entry -> entry.name().equals(name))
        .findFirst();
  }
}

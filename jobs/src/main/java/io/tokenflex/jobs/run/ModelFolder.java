package io.tokenflex.jobs.run;

import io.tokenflex.adaptive.ModelDigest;
import io.tokenflex.checkpoint.CheckpointCatalog;
import io.tokenflex.checkpoint.Checkpoints;
import io.tokenflex.dataprep.storage.HadoopStorage;
import io.tokenflex.image.ImageTransform;
import io.tokenflex.model.ModelConfig;
import io.tokenflex.modelfolder.ImageProcessorJson;
import io.tokenflex.modelfolder.ManifestDigests;
import io.tokenflex.modelfolder.ModelFiles;
import io.tokenflex.storage.Storage;
import io.tokenflex.text.ModelText;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.FileStatus;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.FileUtil;
import org.apache.hadoop.fs.Path;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** A model folder on any Hadoop file system: a checkpoint or what {@code import} made. */
public final class ModelFolder {
  private static final Logger log = LoggerFactory.getLogger(ModelFolder.class);

  private final Path folder;
  private final FileSystem files;
  private final Configuration hadoop;

  private ModelFolder(Path folder, FileSystem files, Configuration hadoop) {
    this.folder = folder;
    this.files = files;
    this.hadoop = hadoop;
  }

  /** Reads a folder on the local disk. */
  @FunctionalInterface
  public interface LocalReader<T> {
    T read(java.nio.file.Path folder) throws IOException;
  }

  /**
   * A folder that may or may not be there. Where a checkpoint's step lies under another name, it is
   * that one, as is the adapter in it.
   */
  public static ModelFolder of(String folder, Configuration hadoop) throws IOException {
    Path path = new Path(folder);
    FileSystem files = path.getFileSystem(hadoop);
    return new ModelFolder(published(files.makeQualified(path), hadoop), files, hadoop);
  }

  private static Path published(Path folder, Configuration hadoop) throws IOException {
    String name = folder.getName();
    Path above = folder.getParent();
    if (above != null && Checkpoints.ADAPTER.equals(name + "/")) {
      return new Path(published(above, hadoop), name);
    } else if (above == null || !CheckpointCatalog.isStep(name)) {
      return folder;
    }
    Storage storage = new HadoopStorage(above.toString(), hadoop);
    return new Path(above, new CheckpointCatalog(storage).find(name).orElse(name));
  }

  /**
   * Shape of the model.
   *
   * @throws IOException if this is no model folder
   */
  public ModelConfig config() throws IOException {
    if (!has(ModelFiles.CONFIG)) {
      throw new IOException(
          "%s holds no %s; give a checkpoint or the folder that ./tokenflex import wrote"
              .formatted(folder, ModelFiles.CONFIG));
    }
    return ModelFiles.readConfig(read(ModelFiles.CONFIG), pathOf(ModelFiles.CONFIG));
  }

  /** Numbers of vision tokens that the model was trained at; empty if its file does not say. */
  public List<Integer> trainedCounts() throws IOException {
    return has(ModelFiles.CONFIG)
        ? ModelFiles.trainedCounts(read(ModelFiles.CONFIG), pathOf(ModelFiles.CONFIG))
        : List.of();
  }

  /** Tokenizer and chat template. */
  public ModelText text() throws IOException {
    return ModelText.read(name -> has(name) ? Optional.of(read(name)) : Optional.empty());
  }

  /** How the model sees pictures. */
  public ImageTransform imageTransform() throws IOException {
    return ImageProcessorJson.read(read(ModelFiles.PREPROCESSOR), pathOf(ModelFiles.PREPROCESSOR));
  }

  /**
   * Digest of the model, wherever it lies: of a checkpoint the digests in its manifest, of another
   * folder its files, which are read for it. A calibration beside them is not part of the model.
   *
   * @throws IOException if there is no such folder or no file in it
   */
  public String digest() throws IOException {
    List<String> names = new ArrayList<>();
    for (FileStatus file : files.listStatus(folder)) {
      if (file.isFile()) {
        names.add(file.getPath().getName());
      }
    }
    return ModelDigest.of(names, name -> files.open(new Path(folder, name)), folder.toString());
  }

  /**
   * Lets {@code reader} read the folder on the local disk: where it lies, or a copy that is deleted
   * afterwards. Of a checkpoint the model is copied and not the state of training, which is twice
   * as large; the manifest comes along, so that the reader can compare digests.
   */
  public <T> T readLocally(LocalReader<T> reader) throws IOException {
    if (files.getScheme().equals("file")) {
      return reader.read(java.nio.file.Path.of(folder.toUri().getPath()));
    }
    java.nio.file.Path copy = Files.createTempDirectory("tokenflex-model");
    try {
      java.nio.file.Path local = Files.createDirectory(copy.resolve(folder.getName()));
      for (FileStatus file : files.listStatus(folder)) {
        String name = file.getPath().getName();
        if (file.isFile() && !ManifestDigests.isOnlyForTraining(name)) {
          copy(file.getPath(), local.resolve(name));
        }
      }
      Path above = new Path(folder.getParent(), ManifestDigests.FILE_NAME);
      if (!has(ManifestDigests.FILE_NAME) && files.exists(above)) {
        copy(above, copy.resolve(ManifestDigests.FILE_NAME)); // of an adapter in its checkpoint
      }
      return reader.read(local);
    } finally {
      deleteTree(copy);
    }
  }

  private void copy(Path from, java.nio.file.Path to) throws IOException {
    if (!FileUtil.copy(files, from, to.toFile(), /* deleteSource= */ false, hadoop)) {
      throw new IOException("Could not copy " + from + " to " + to);
    }
  }

  @Override
  public String toString() {
    return folder.toString();
  }

  private boolean has(String name) throws IOException {
    return files.exists(new Path(folder, name));
  }

  private String pathOf(String name) {
    return new Path(folder, name).toString();
  }

  private byte[] read(String name) throws IOException {
    try (InputStream in = files.open(new Path(folder, name))) {
      return in.readAllBytes();
    }
  }

  /** A copy that stays costs disk and no answer. */
  private static void deleteTree(java.nio.file.Path tree) {
    try (Stream<java.nio.file.Path> content = Files.walk(tree)) {
      for (java.nio.file.Path path : content.sorted(Comparator.reverseOrder()).toList()) {
        Files.delete(path);
      }
    } catch (IOException | UncheckedIOException e) {
      log.warn("The copy {} of a model could not be deleted: {}", tree, e.toString());
    }
  }
}

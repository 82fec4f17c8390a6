package io.tokenflex.jobs;

import io.tokenflex.data.ModelText;
import io.tokenflex.image.ImageTransform;
import io.tokenflex.model.ModelConfig;
import io.tokenflex.weights.ImageProcessorJson;
import io.tokenflex.weights.ModelFiles;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.FileUtil;
import org.apache.hadoop.fs.Path;

/** A model folder on any Hadoop file system: a checkpoint or what {@code import} made. */
public final class ModelFolder {
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

  /** A folder that may or may not be there. */
  public static ModelFolder of(String folder, Configuration hadoop) throws IOException {
    Path path = new Path(folder);
    FileSystem files = path.getFileSystem(hadoop);
    return new ModelFolder(files.makeQualified(path), files, hadoop);
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

  /** Tokenizer and chat template. */
  public ModelText text() throws IOException {
    return ModelText.read(name -> has(name) ? Optional.of(read(name)) : Optional.empty());
  }

  /** How the model sees pictures. */
  public ImageTransform imageTransform() throws IOException {
    return ImageProcessorJson.read(read(ModelFiles.PREPROCESSOR), pathOf(ModelFiles.PREPROCESSOR));
  }

  /**
   * Lets {@code reader} read the folder on the local disk: where it lies, or a copy that is deleted
   * afterwards.
   */
  public <T> T readLocally(LocalReader<T> reader) throws IOException {
    if (files.getScheme().equals("file")) {
      return reader.read(java.nio.file.Path.of(folder.toUri().getPath()));
    }
    java.nio.file.Path copy = Files.createTempDirectory("tokenflex-model");
    try {
      java.nio.file.Path local = copy.resolve("model");
      if (!FileUtil.copy(files, folder, local.toFile(), false, hadoop)) {
        throw new IOException("Could not copy the model folder " + folder + " to " + local);
      }
      return reader.read(local);
    } finally {
      deleteTree(copy);
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

  private static void deleteTree(java.nio.file.Path tree) throws IOException {
    List<java.nio.file.Path> innermostFirst;
    try (Stream<java.nio.file.Path> content = Files.walk(tree)) {
      innermostFirst = content.sorted(Comparator.reverseOrder()).toList();
    }
    for (java.nio.file.Path path : innermostFirst) {
      Files.delete(path);
    }
  }
}

package io.tokenflex.train;

import io.tokenflex.model.LanguageConfig;
import io.tokenflex.model.RopeScaling;
import io.tokenflex.modelfolder.ImageProcessorJson;
import io.tokenflex.modelfolder.ModelFiles;
import io.tokenflex.text.ModelText;
import java.io.IOException;
import java.lang.reflect.RecordComponent;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * In what the model folder inside a checkpoint is not the one that a run would write: with another
 * tokenizer, chat template, image processor or model configuration training would go on, from other
 * numbers.
 *
 * <p>Configurations are compared by what they mean: a file of an older version may lack keys, and a
 * model may get more positions as long as its rotations are not scaled.
 */
final class ModelFolderDifferences {
  private final ModelText.Folder stored;
  private final Map<String, byte[]> written;
  private final List<String> found = new ArrayList<>();

  private ModelFolderDifferences(ModelText.Folder stored, Map<String, byte[]> written) {
    this.stored = stored;
    this.written = written;
  }

  /**
   * Names every difference, each with what it was and what it is.
   *
   * @param written what the run writes into its checkpoints, by name
   */
  static List<String> between(ModelText.Folder stored, Map<String, byte[]> written)
      throws IOException {
    ModelFolderDifferences differences = new ModelFolderDifferences(stored, written);
    differences.compare(ModelFiles.CONFIG, "model", ModelFiles::readConfig);
    differences.compare(ModelFiles.PREPROCESSOR, "image processor", ImageProcessorJson::read);
    differences.compareFile(ModelFiles.TOKENIZER);
    for (String file : ModelText.OTHER_FILES) {
      differences.compareFile(file);
    }
    return differences.found;
  }

  @FunctionalInterface
  private interface Parser {
    Object parse(byte[] json, String place) throws IOException;
  }

  private void compare(String file, String key, Parser parser) throws IOException {
    Optional<byte[]> before = stored.read(file);
    if (before.isPresent()) {
      compare(key, parser.parse(before.get(), file), parser.parse(written.get(file), file));
    }
  }

  private void compare(String key, Object was, Object is) {
    if (was.equals(is)) {
      return;
    }
    if (!(was instanceof Record) || was.getClass() != is.getClass()) {
      found.add(key + " was " + was + " and is " + is);
      return;
    }
    for (RecordComponent component : was.getClass().getRecordComponents()) {
      if (!mayDiffer(component, was, is)) {
        compare(key + "." + component.getName(), value(component, was), value(component, is));
      }
    }
  }

  /**
   * Where rotations are not scaled, that of a position does not depend on how many there are: a
   * model with more of them computes the same of every sequence that it took before.
   */
  private static boolean mayDiffer(RecordComponent component, Object was, Object is) {
    return component.getName().equals("maxPositionEmbeddings")
        && was instanceof LanguageConfig before
        && is instanceof LanguageConfig now
        && before.ropeScaling() instanceof RopeScaling.None
        && now.maxPositionEmbeddings() > before.maxPositionEmbeddings();
  }

  private static Object value(RecordComponent component, Object of) {
    try {
      return component.getAccessor().invoke(of);
    } catch (ReflectiveOperationException e) {
      throw new IllegalStateException("Public records have public accessors", e);
    }
  }

  private void compareFile(String name) throws IOException {
    Optional<byte[]> before = stored.read(name);
    Optional<byte[]> now = Optional.ofNullable(written.get(name));
    if (before.isEmpty() != now.isEmpty()) {
      found.add(name + (now.isEmpty() ? " was there and is not" : " was not there and is"));
    } else if (before.isPresent() && !Arrays.equals(before.get(), now.get())) {
      found.add(name + " was another file");
    }
  }
}

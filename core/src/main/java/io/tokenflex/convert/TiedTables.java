package io.tokenflex.convert;

import io.tokenflex.failure.InvalidInputException;
import io.tokenflex.lora.PeftAdapter;
import io.tokenflex.model.LanguageConfig;
import io.tokenflex.names.NameTable;
import io.tokenflex.safetensors.SafetensorsFolder;
import io.tokenflex.safetensors.TensorInfo;
import java.io.IOException;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Function;

/**
 * Whether a published model has one table over the vocabulary, for the embeddings and the LM head,
 * or two.
 *
 * <p>Configuration and file may say different things, and versions of transformers then differ: 4
 * follows {@code tie_word_embeddings} of the language model; 5 that of the whole model, and keeps
 * two tables that the file holds with different values. Where both come to the same, it is taken.
 */
final class TiedTables {
  static final String EMBEDDINGS = "language_model.model.embed_tokens.weight";
  static final String HEAD = "language_model.lm_head.weight";
  private static final int PIECE = 1 << 20;

  private TiedTables() {}

  /**
   * The language model as its file has it.
   *
   * @param wholeIsTied what the configuration around the language model's says
   * @param names of the file's tensors
   * @throws InvalidInputException if transformers 4 and 5 would not load the same
   */
  static LanguageConfig settle(
      LanguageConfig language,
      boolean wholeIsTied,
      SafetensorsFolder folder,
      Function<LanguageConfig, NameTable> names)
      throws IOException {
    NameTable untied = names.apply(language.withTieWordEmbeddings(false));
    Optional<String> head = holding(HEAD, folder, untied);
    Optional<String> table = holding(EMBEDDINGS, folder, untied);
    boolean tied = language.tieWordEmbeddings() || (wholeIsTied && head.isEmpty());
    if (tied && head.isPresent() && table.isPresent() && !equal(folder, head.get(), table.get())) {
      throw new InvalidInputException(
          String.format(
              Locale.ROOT,
              "%s: tie_word_embeddings is true, but %s and %s hold different values; transformers 4 takes the second for both, 5 takes both: set tie_word_embeddings to false to keep both, or delete the first",
              folder,
              head.get(),
              table.get()));
    }
    return language.withTieWordEmbeddings(tied);
  }

  /**
   * Whether an adapter changes one of the two tables of a tied model and not the other: PEFT trains
   * the module that was named, and leaves the other as it was.
   *
   * @param untied names of the model's tensors if it had both tables
   */
  static boolean areSplitBy(PeftAdapter adapter, NameTable untied) {
    Set<String> changed = new TreeSet<>();
    adapter.modules().forEach(module -> changed.addAll(ours(untied, module + ".weight")));
    if (changed.contains(HEAD) || changed.contains(EMBEDDINGS)) {
      return true;
    }
    float[] head = null;
    float[] table = null;
    for (String name : adapter.savedParameters()) {
      List<String> ours = ours(untied, name);
      head = ours.contains(HEAD) ? adapter.savedValues(name) : head;
      table = ours.contains(EMBEDDINGS) ? adapter.savedValues(name) : table;
    }
    return (head != null || table != null) && !Arrays.equals(head, table);
  }

  private static List<String> ours(NameTable names, String published) {
    return names.find(published).map(NameTable.Row::ours).orElse(List.of());
  }

  private static Optional<String> holding(String our, SafetensorsFolder folder, NameTable names) {
    return folder.tensors().keySet().stream()
        .filter(name -> ours(names, name).contains(our))
        .findFirst();
  }

  private static boolean equal(SafetensorsFolder folder, String first, String second)
      throws IOException {
    TensorInfo info = folder.tensors().get(first);
    if (!info.shape().equals(folder.tensors().get(second).shape())) {
      return false;
    }
    for (long from = 0; from < info.numElements(); from += PIECE) {
      int count = (int) Math.min(PIECE, info.numElements() - from);
      if (!Arrays.equals(
          folder.readFloats(first, from, count), folder.readFloats(second, from, count))) {
        return false;
      }
    }
    return true;
  }
}

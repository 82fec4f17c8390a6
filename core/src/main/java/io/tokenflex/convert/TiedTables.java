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
 * Decides whether a published model ties its LM head to the embedding table.
 *
 * <p>Versions of transformers disagree when configuration and weights contradict each other:
 * version 4 follows {@code tie_word_embeddings} of the language model; version 5 follows that of
 * the whole model, and keeps both tables if the file contains two different ones. A model is
 * imported only if both versions give the same result.
 */
final class TiedTables {
  static final String EMBEDDINGS = "language_model.model.embed_tokens.weight";
  static final String HEAD = "language_model.lm_head.weight";
  private static final int PIECE = 1 << 20;

  private TiedTables() {}

  /**
   * The language model with {@code tieWordEmbeddings} resolved from configuration and weights.
   *
   * @param wholeIsTied {@code tie_word_embeddings} of the surrounding model
   * @param names name table of the weights, given the language model
   * @throws InvalidInputException if transformers 4 and 5 would load different weights
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
   * Whether an adapter changes only one of two tied tables, or both differently: PEFT trains the
   * named module and leaves the other unchanged.
   *
   * @param untied names of the model's tensors as if the tables were not tied
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

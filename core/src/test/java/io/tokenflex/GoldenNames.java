package io.tokenflex;

import java.util.List;
import java.util.stream.Stream;

/** The goldens that more than one test goes through, for {@code @MethodSource}. */
public final class GoldenNames {
  private GoldenNames() {}

  /** Those of {@code tools/golden/language_families.py}. */
  public static List<String> decoders() {
    return List.of(
        "qwen2", "qwen2_tied", "qwen3", "llama2", "llama3", "llama_linear", "llama_dynamic");
  }

  /** Those of {@code tools/golden/whole_models.py}. */
  public static List<String> wholeModels() {
    return List.of(
        "tokenflex_siglip_qwen2",
        "tokenflex_clip_llama3",
        "tokenflex_internvl_qwen3",
        "ristretto",
        "llava",
        "internvl",
        "internvl_chat",
        "parts");
  }

  /** Those that {@code tools/golden/saved_models.py} wrote with each version of transformers. */
  public static List<String> savedModels() {
    return Stream.of("4.53.3", "4.57.6", "5.24.0")
        .flatMap(
            version ->
                Stream.of("siglip_qwen2", "clip_llama3", "llava", "internvl")
                    .map(name -> version + "/" + name))
        .toList();
  }
}

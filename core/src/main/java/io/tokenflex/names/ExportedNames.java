package io.tokenflex.names;

import io.tokenflex.failure.InvalidInputException;
import io.tokenflex.model.ModelConfig;
import io.tokenflex.model.ParameterSpec;
import io.tokenflex.model.TokenFlexModel;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;

/**
 * Parameter names of a whole exported model, as in its Python code ({@code modeling_tokenflex.py}).
 */
public final class ExportedNames {
  private final Map<String, String> exportedByOur = new LinkedHashMap<>();
  private final Map<String, String> ourByExported = new LinkedHashMap<>();

  /** The names for a model configuration. */
  public ExportedNames(ModelConfig config) {
    NameTable vision =
        VisionFormat.exported(config.vision().family())
            .names(config.vision().withoutUnbuiltLayers());
    NameTable language = DecoderNames.of(config.language());
    for (ParameterSpec spec : TokenFlexModel.parameterSpecs(config)) {
      String our = spec.name();
      String exported = our;
      if (our.startsWith(ModelFormat.VISION)) {
        exported = ModelFormat.VISION + vision.findOurs(our).orElseThrow().published();
      } else if (our.startsWith(ModelFormat.LANGUAGE)) {
        exported = ModelFormat.LANGUAGE + language.findOurs(our).orElseThrow().published();
      }
      exportedByOur.put(our, exported);
      ourByExported.put(exported, our);
    }
  }

  /**
   * The exported name of a parameter.
   *
   * @throws IllegalArgumentException if the model has no such parameter
   */
  public String exported(String our) {
    return found(exportedByOur, our);
  }

  /**
   * Our name of an exported parameter.
   *
   * @throws IllegalArgumentException if the model has no such parameter
   */
  public String our(String exported) {
    return found(ourByExported, exported);
  }

  private static String found(Map<String, String> names, String name) {
    String other = names.get(name);
    if (other == null) {
      throw new InvalidInputException(
          String.format(
              Locale.ROOT,
              "The model has no parameter %s; it has %d others, such as %s",
              name,
              names.size(),
              names.keySet().iterator().next()));
    }
    return other;
  }
}

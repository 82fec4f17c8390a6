package io.tokenflex.predictor;

import ai.djl.Model;
import ai.djl.translate.TranslateException;
import ai.djl.translate.Translator;
import ai.djl.translate.TranslatorFactory;
import ai.djl.util.Pair;
import io.tokenflex.adaptive.AdaptiveGenerator;
import io.tokenflex.adaptive.Calibration;
import io.tokenflex.distributed.Precision;
import io.tokenflex.failure.InvalidInputException;
import io.tokenflex.generate.Answer;
import io.tokenflex.generate.AnswerStream;
import io.tokenflex.generate.GenerationConfig;
import io.tokenflex.generate.Prompt;
import io.tokenflex.generate.TextGenerator;
import io.tokenflex.generate.TokenListener;
import java.io.IOException;
import java.lang.reflect.Type;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.UUID;

/**
 * Makes translators from prompts to answers, and loads the model's weights, which are freed when
 * the DJL model is closed.
 *
 * <p>Arguments, all optional: {@code numVisionTokens} (default 256; {@code auto} for a number that
 * the calibration in the model's folder chooses for each prompt), {@code maxNewTokens} (256),
 * {@code temperature} (0: the likeliest token), {@code topP} (1), {@code seed} (0), {@code
 * repetitionPenalty} (1), {@code noRepeatNgramSize} (0: no limit), {@code stop} (a text that ends
 * an answer; none), {@code precision} (auto, fp32 or bf16).
 */
public final class VisionTranslatorFactory implements TranslatorFactory {
  /** In the place of a number of vision tokens. */
  private static final String AUTO = "auto";

  private static final String NUM_VISION_TOKENS = "numVisionTokens";
  private static final Set<String> ARGUMENTS =
      Set.of(
          NUM_VISION_TOKENS,
          "maxNewTokens",
          "temperature",
          "topP",
          "seed",
          "repetitionPenalty",
          "noRepeatNgramSize",
          "stop",
          "precision");

  @Override
  public Set<Pair<Type, Type>> getSupportedTypes() {
    return Set.of(
        new Pair<>(Prompt.class, Answer.class), new Pair<>(Prompt.class, AnswerStream.class));
  }

  /**
   * Loads the weights of {@code model} and returns a translator that uses them.
   *
   * @throws TranslateException if the folder holds no readable model
   * @throws IllegalArgumentException if an argument is unknown or out of range
   */
  @Override
  @SuppressWarnings("unchecked") // the types were compared with those supported
  public <I, O> Translator<I, O> newInstance(
      Class<I> input, Class<O> output, Model model, Map<String, ?> arguments)
      throws TranslateException {
    if (!isSupported(input, output)) {
      throw new InvalidInputException(
          "A model answers %s with %s or %s, not %s with %s"
              .formatted(
                  Prompt.class.getName(),
                  Answer.class.getName(),
                  AnswerStream.class.getName(),
                  input.getName(),
                  output.getName()));
    }
    Set<String> unknown = new TreeSet<>(arguments.keySet());
    unknown.removeAll(ARGUMENTS);
    if (!unknown.isEmpty()) {
      throw new InvalidInputException(
          "Unknown arguments " + unknown + "; known are " + new TreeSet<>(ARGUMENTS));
    }
    GenerationConfig config =
        new GenerationConfig(
            (int) number(arguments, "maxNewTokens", 256),
            number(arguments, "temperature", 0),
            number(arguments, "topP", 1),
            (long) number(arguments, "seed", 0),
            number(arguments, "repetitionPenalty", 1),
            (int) number(arguments, "noRepeatNgramSize", 0),
            arguments.containsKey("stop") ? List.of(arguments.get("stop").toString()) : List.of());
    Precision precision = precision(arguments);
    if (AUTO.equals(arguments.get(NUM_VISION_TOKENS))) {
      Calibration calibration = calibration(model);
      TextGenerator generator = load(model, precision);
      AdaptiveGenerator adaptive = new AdaptiveGenerator(generator, calibration);
      return output == Answer.class
          ? (Translator<I, O>)
              new AnswerTranslator(generator, prompts -> adaptive.generate(prompts, config))
          : (Translator<I, O>) new StreamTranslator(prompt -> adaptive.stream(prompt, config));
    }
    int count = (int) number(arguments, NUM_VISION_TOKENS, 256);
    TextGenerator generator = load(model, precision);
    return output == Answer.class
        ? (Translator<I, O>)
            new AnswerTranslator(
                generator,
                prompts -> generator.generate(prompts, count, config, TokenListener.NONE))
        : (Translator<I, O>)
            new StreamTranslator(prompt -> generator.stream(prompt, count, config));
  }

  private static Calibration calibration(Model model) throws TranslateException {
    try {
      return Calibration.in(model.getModelPath());
    } catch (IOException e) {
      throw new TranslateException(e.getMessage(), e);
    }
  }

  private static TextGenerator load(Model model, Precision precision) throws TranslateException {
    try {
      TextGenerator generator =
          TextGenerator.load(model.getModelPath(), model.getNDManager().getDevice(), precision);
      model.getNDManager().attachInternal(UUID.randomUUID().toString(), generator);
      return generator;
    } catch (IOException e) {
      throw new TranslateException(e.getMessage(), e);
    }
  }

  private static Precision precision(Map<String, ?> arguments) {
    Object text = arguments.containsKey("precision") ? arguments.get("precision") : "auto";
    try {
      return Precision.valueOf(text.toString().toUpperCase(Locale.ROOT));
    } catch (IllegalArgumentException e) {
      throw new InvalidInputException(
          "precision is " + text + "; it must be auto, fp32 or bf16", e);
    }
  }

  private static double number(Map<String, ?> arguments, String name, double otherwise) {
    if (!arguments.containsKey(name)) {
      return otherwise;
    }
    String text = arguments.get(name).toString();
    try {
      return Double.parseDouble(text);
    } catch (NumberFormatException e) {
      throw new InvalidInputException(name + " is '" + text + "'; it must be a number", e);
    }
  }
}

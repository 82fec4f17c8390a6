package io.tokenflex.judge;

import io.tokenflex.failure.InvalidInputException;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * What judges are asked: texts with {@code {question}}, {@code {options}}, {@code {answer}} and
 * {@code {prediction}} in braces. The built-in ones are ours, so scores with them are not those of
 * programs that ask in other words.
 */
public final class JudgePrompts {
  private static final Pattern FIELD = Pattern.compile("\\{(question|options|answer|prediction)}");

  private final Map<String, String> templates;

  private JudgePrompts(Map<String, String> templates) {
    this.templates = Map.copyOf(templates);
  }

  /** The built-in texts: {@code choice}, {@code yesNo}, {@code mathVista}, {@code mmVet}. */
  public static JudgePrompts builtIn() {
    Map<String, String> templates = new TreeMap<>();
    for (String name : new String[] {"choice", "yesNo", "mathVista", "mmVet"}) {
      String file = name + ".txt";
      try (InputStream in = JudgePrompts.class.getResourceAsStream(file)) {
        templates.put(name, new String(in.readAllBytes(), StandardCharsets.UTF_8));
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    }
    return new JudgePrompts(templates);
  }

  /**
   * These texts with one replaced.
   *
   * @throws InvalidInputException if there is no text of that name, or the new one lacks the
   *     prediction
   */
  public JudgePrompts with(String name, String template) {
    if (!templates.containsKey(name)) {
      throw new InvalidInputException(
          "There is no judge prompt '"
              + name
              + "'; expected one of "
              + new TreeMap<>(templates).keySet());
    }
    if (!template.contains("{prediction}")) {
      throw new InvalidInputException(
          "The judge prompt '"
              + name
              + "' has no {prediction}: the judge would not see the answer");
    }
    Map<String, String> replaced = new TreeMap<>(templates);
    replaced.put(name, template);
    return new JudgePrompts(replaced);
  }

  String choice(String question, String options, String prediction) {
    return fill(
        "choice", Map.of("question", question, "options", options, "prediction", prediction));
  }

  String yesNo(String question, String prediction) {
    return fill("yesNo", Map.of("question", question, "prediction", prediction));
  }

  String mathVista(String question, String prediction) {
    return fill("mathVista", Map.of("question", question, "prediction", prediction));
  }

  String mmVet(String question, String answer, String prediction) {
    return fill("mmVet", Map.of("question", question, "answer", answer, "prediction", prediction));
  }

  // In one pass, so that a prediction that holds a field's name stays as it is.
  private String fill(String name, Map<String, String> values) {
    return FIELD
        .matcher(templates.get(name))
        .replaceAll(
            field -> Matcher.quoteReplacement(values.getOrDefault(field.group(1), field.group())));
  }
}

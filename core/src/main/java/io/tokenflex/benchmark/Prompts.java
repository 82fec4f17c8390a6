package io.tokenflex.benchmark;

import io.tokenflex.failure.InvalidInputException;
import io.tokenflex.table.Table.Row;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.regex.Pattern;

/** What a model is asked, in the words of VLMEvalKit at e8e78f05. */
public final class Prompts {
  private static final String SHORT = "Answer the question using a single word or phrase.";
  private static final String YES_OR_NO = "Please answer yes or no.";

  /** Asked where a table of pictures and captions has no question. */
  private static final String DESCRIBE =
      "Please describe this image in general. Directly provide the description, do not include"
          + " prefix like \"This image depicts\". ";

  private static final Pattern CHINESE = Pattern.compile("[\\u4e00-\\u9fff]");
  private static final String MARK = "<image ";

  private Prompts() {}

  /**
   * The prompt of a row.
   *
   * @param row with {@code question} and, where there are, {@code hint} and options
   * @throws InvalidInputException if there is no question, or a mark in MMMU names no picture
   */
  public static List<PromptPart> of(
      Benchmark benchmark, PromptStyle style, Row row, int numPictures) {
    List<PromptPart> parts = new ArrayList<>();
    for (int picture = 0; picture < numPictures; picture++) {
      parts.add(new PromptPart.Picture(picture));
    }
    String text = text(benchmark, style, row);
    if (benchmark.family() == Family.MMMU
        && style == PromptStyle.BENCHMARK
        && text.contains(MARK)) {
      return inPlace(text, numPictures);
    }
    parts.add(new PromptPart.Text(text));
    return List.copyOf(parts);
  }

  private static String text(Benchmark benchmark, PromptStyle style, Row row) {
    String question = question(benchmark, row);
    boolean internVl = style == PromptStyle.INTERNVL;
    return switch (benchmark.kind()) {
      case CHOICE ->
          style == PromptStyle.BENCHMARK ? choice(question, row) : letterOnly(question, row);
      case YES_NO -> internVl ? yesNo(benchmark.name(), question) : ownYesNo(benchmark, question);
      case TEXT -> question + "\n" + SHORT;
      case FREE ->
          internVl && benchmark.family() == Family.OCR_BENCH ? question + "\n" + SHORT : question;
      case CAPTION -> question;
    };
  }

  private static String question(Benchmark benchmark, Row row) {
    return row.cell("question")
        .orElseGet(
            () -> {
              if (benchmark.family() == Family.CAPTION) {
                return DESCRIBE;
              }
              throw new InvalidInputException(
                  benchmark.name() + ": a row has no question; expected a column question");
            });
  }

  /** The cells {@code A} to {@code Z} that are not missing. */
  public static SortedMap<String, String> options(Row row) {
    SortedMap<String, String> options = new TreeMap<>();
    for (char letter = 'A'; letter <= 'Z'; letter++) {
      String name = String.valueOf(letter);
      row.cell(name).ifPresent(text -> options.put(name, text));
    }
    return options;
  }

  private static String choice(String question, Row row) {
    StringBuilder prompt = new StringBuilder();
    row.cell("hint").ifPresent(hint -> prompt.append("Hint: ").append(hint).append('\n'));
    prompt.append("Question: ").append(question).append('\n');
    Map<String, String> options = options(row);
    if (!options.isEmpty()) {
      prompt.append("Options:\n");
      options.forEach(
          (letter, text) -> prompt.append(letter).append(". ").append(text).append('\n'));
      prompt.append("Please select the correct answer from the options above. \n");
    }
    return prompt.toString();
  }

  private static String letterOnly(String question, Row row) {
    StringBuilder prompt = new StringBuilder();
    row.cell("hint").ifPresent(hint -> prompt.append(hint).append('\n'));
    prompt.append(question);
    Map<String, String> options = options(row);
    options.forEach((letter, text) -> prompt.append('\n').append(letter).append(". ").append(text));
    boolean chinese = CHINESE.matcher(prompt).find();
    if (options.isEmpty()) {
      return prompt + (chinese ? "\n请直接回答问题。" : "\nAnswer the question directly.");
    }
    return prompt
        + (chinese
            ? "\n请直接回答选项字母。"
            : "\nAnswer with the option's letter from the given choices directly.");
  }

  private static String ownYesNo(Benchmark benchmark, String question) {
    return benchmark.name().equals("AMBER") ? question + "\n" + YES_OR_NO : question;
  }

  private static String yesNo(String name, String question) {
    if (name.contains("MME")) {
      return question + " " + SHORT;
    }
    return name.contains("HallusionBench") || name.contains("AMBER")
        ? question + " " + YES_OR_NO + " " + SHORT
        : question;
  }

  /** Every {@code <image n>} becomes picture n; pictures without a mark are not shown. */
  private static List<PromptPart> inPlace(String text, int numPictures) {
    List<PromptPart> parts = new ArrayList<>();
    int start = 0;
    for (int at = text.indexOf(MARK); at >= 0; at = text.indexOf(MARK, start)) {
      parts.add(new PromptPart.Text(text.substring(start, at)));
      int digit = at + MARK.length();
      boolean isMark =
          digit + 1 < text.length()
              && text.charAt(digit) >= '0'
              && text.charAt(digit) <= '9'
              && text.charAt(digit + 1) == '>';
      int number = isMark ? text.charAt(digit) - '0' : -1;
      if (!isMark || number > numPictures || numPictures == 0) {
        throw new InvalidInputException(
            "'"
                + text.substring(at, Math.min(text.length(), digit + 3))
                + "' in a question names no picture; expected <image n> with one digit n of 1 to "
                + numPictures);
      }
      // In Python the list's index -1 is its last member.
      parts.add(new PromptPart.Picture(number == 0 ? numPictures - 1 : number - 1));
      start = digit + 2;
    }
    parts.add(new PromptPart.Text(text.substring(start)));
    return List.copyOf(parts);
  }
}

package io.tokenflex.score;

import com.fasterxml.jackson.databind.JsonNode;
import io.tokenflex.json.PythonJson;
import io.tokenflex.python.PythonText;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Answers before they are compared in VQA: without most punctuation and articles, numbers as
 * digits, contractions with their apostrophe. The programs that do so differ in details.
 */
public enum VqaNormalisation {
  /** {@code process_answer} of vlmeval/dataset/utils/vqa_eval.py. */
  VLMEVALKIT("\\p{Nd},\\p{Nd}", "(?<!\\p{Nd})\\.(?!\\p{Nd})"),
  /** Lower case first, then without commas and question marks, {@code 's} a word of its own. */
  LMMS_EVAL_TEXTVQA("\\p{Nd},+\\p{Nd}", "\\.(?!\\p{Nd})") {
    @Override
    public String apply(String text) {
      String words = PythonText.lower(text).replace(",", "").replace("?", "").replace("'s", " 's");
      return super.apply(PythonText.strip(words));
    }
  },
  LMMS_EVAL_VQAV2("\\p{Nd},+\\p{Nd}", "\\.(?!\\p{Nd})"),
  /** The VQA authors' Python 2, whose digits are ASCII's. */
  AUTHORS("[0-9],[0-9]", "\\.(?![0-9])");

  private static final String[] MARKS = {
    ";", "/", "[", "]", "\"", "{", "}", "(", ")", "=", "+", "\\", "_", "-", ">", "<", "@", "`", ",",
    "?", "!"
  };

  /** The programs pass a flag in the place of the number of replacements; its value is 32. */
  private static final int MAX_FULL_STOPS = 32;

  private static final Set<String> ARTICLES = Set.of("a", "an", "the");

  private final Pattern commaInNumber;
  private final Pattern fullStop;

  VqaNormalisation(String commaInNumber, String fullStop) {
    this.commaInNumber = Pattern.compile(commaInNumber);
    this.fullStop = Pattern.compile(fullStop);
  }

  /** The answer as it is compared. */
  public String apply(String text) {
    return words(punctuation(oneLine(text)));
  }

  /** Line ends and tabs become blanks, the ends are trimmed. */
  static String oneLine(String text) {
    return PythonText.strip(text.replace('\n', ' ').replace('\t', ' '));
  }

  /**
   * Marks out, or to blanks: out if the mark stands next to a blank somewhere in the text, or if
   * the text holds a comma between digits.
   */
  String punctuation(String text) {
    boolean hasCommaInNumber = commaInNumber.matcher(text).find();
    String result = text;
    for (String mark : MARKS) {
      boolean out = hasCommaInNumber || text.contains(mark + " ") || text.contains(" " + mark);
      result = result.replace(mark, out ? "" : " ");
    }
    return withoutFullStops(result);
  }

  private String withoutFullStops(String text) {
    Matcher matcher = fullStop.matcher(text);
    StringBuilder result = new StringBuilder();
    for (int i = 0; i < MAX_FULL_STOPS && matcher.find(); i++) {
      matcher.appendReplacement(result, "");
    }
    return matcher.appendTail(result).toString();
  }

  private static String words(String text) {
    List<String> words = new ArrayList<>();
    for (String word : PythonText.split(PythonText.lower(text))) {
      String number = Words.NUMBERS.getOrDefault(word, word);
      if (!ARTICLES.contains(number)) {
        words.add(Words.CONTRACTIONS.getOrDefault(number, number));
      }
    }
    return String.join(" ", words);
  }

  /** The table that all programs share. */
  private static final class Words {
    private static final String TABLE = "vqa-contractions.json";
    static final Map<String, String> NUMBERS;
    static final Map<String, String> CONTRACTIONS;

    static {
      try (InputStream in = VqaNormalisation.class.getResourceAsStream(TABLE)) {
        JsonNode table = PythonJson.read(in.readAllBytes(), TABLE);
        NUMBERS = texts(table.get("numbers"));
        CONTRACTIONS = texts(table.get("contractions"));
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    }

    private static Map<String, String> texts(JsonNode node) {
      Map<String, String> texts = new HashMap<>();
      node.properties().forEach(entry -> texts.put(entry.getKey(), entry.getValue().asText()));
      return Map.copyOf(texts);
    }
  }
}

package io.tokenflex.score.caption;

import io.tokenflex.python.PythonText;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Splits a text into tokens: at each place the longest that any pattern matches. */
final class PtbLexer {
  private static final String LETTER = "[\\p{L}\\p{M}]";
  private static final String WORD_CHARACTER = "[\\p{L}\\p{M}\\p{Nd}]";
  private static final String APOSTROPHE = "['\\u2019]";
  private static final String NO_LETTER = "(?!" + WORD_CHARACTER + ")";

  /** Words that are written together and are two, with the length of the first. */
  private static final Map<String, Integer> TOGETHER =
      Map.of("cannot", 3, "gonna", 3, "gotta", 3, "lemme", 3, "gimme", 3, "wanna", 3);

  private static final Pattern TOGETHER_WORD =
      Pattern.compile(
          "(?:cannot|gonna|gotta|lemme|gimme|wanna)(?![\\p{L}\\p{Nd}-])", Pattern.CASE_INSENSITIVE);
  private static final Pattern TIS =
      Pattern.compile("(" + APOSTROPHE + "t)(is|was)" + NO_LETTER, Pattern.CASE_INSENSITIVE);

  private static final Pattern CLITIC =
      Pattern.compile(APOSTROPHE + "(?:[msd]|re|ve|ll)" + NO_LETTER, Pattern.CASE_INSENSITIVE);
  private static final Pattern NOT =
      Pattern.compile("n" + APOSTROPHE + "t" + NO_LETTER, Pattern.CASE_INSENSITIVE);

  private static final String MONTHS_AND_DAYS =
      "jan|feb|mar|apr|jun|jul|aug|sep|sept|oct|nov|dec|mon|tues?|wed|thu|thurs|fri";
  private static final String STATES =
      "ala|ariz|calif|colo|conn|ct|dak|fla|ga|ind|kans?|ky|md|mich|minn|mo|mont|neb|nev|okla|penn"
          + "|tenn|va|vt|wisc?|wyo";

  /** Abbreviations that are words too keep their full stop only with a capital letter. */
  private static final String CAPITALISED =
      "[A]rk|[D]el|[I]ll|[L]a|[M]ass|[M]iss|[O]re|[P]a|[T]ex|[W]ash";

  private static final String COMPANIES =
      "inc|cos?|corp|pp?t[ye]s?|ltd|plc|rt|bancorp|dept|bhd|assn|univ|intl|sys|invt|elec|natl|mfg|mtg";
  private static final String TITLES =
      "mr|mrs|ms|drs?|profs?|sens?|reps?|attys?|lt|col|gen|messrs|govs?|adm|rev|maj|sgt|cpl|pvt"
          + "|capt|ste?|ave|pres|lieut|hon|brig|co?mdr|pfc|spc|supts?|det|mt|ft|adj|adv|asst|assoc"
          + "|ens|insp|mlle|mme|msgr|sfc|jr|sr|bros|ed\\.d|ph\\.d|blvd|rd|esq";
  private static final String OTHERS =
      "etc|al|seq|vs|tel|est|ext|sq|bldg|alex|wm|jos|cie|a\\.k\\.a";

  /** Tokens that stand as they are. */
  private static final List<Pattern> PLAIN =
      compile(
          // Tags and addresses.
          "<(?:/?[A-Za-z][A-Za-z0-9:.-]*(?: +[A-Za-z][A-Za-z0-9:.-]*(?: *= *(?:'[^']*'|\"[^\"]*\""
              + "|[A-Za-z0-9:.-]+))?)* */?|![A-Za-z-][^>]*|\\?[A-Za-z-][^>]*)>",
          "(?:https?|ftp)://[^ \\t\"<>|(){}]*[^ \\t\"'<>|.!?(){},-]",
          "www\\.(?:[^ \\t\"`'<>|.!?(){},]+\\.)+[A-Za-z]{2,4}(?:/[^ \\t\"<>|()]*[^ \\t\"<>|.!?(){},-])?",
          "(?:[^ \\t\"`'<>|.!?(){},_$-]+\\.)+(?:com|net|org|edu)"
              + "(?:/[^ \\t\"<>|()]*[^ \\t\"<>|.!?(){},-])?"
              + NO_LETTER,
          "[A-Za-z0-9][A-Za-z0-9._%+-]*@[A-Za-z0-9-]+(?:\\.[A-Za-z0-9-]+)*",
          "@[A-Za-z_][A-Za-z_0-9]*",
          "#" + LETTER + WORD_CHARACTER + "*",
          // Apostrophes inside words.
          APOSTROPHE + "n(?:" + APOSTROPHE + "|" + NO_LETTER + ")",
          "(?i:ol|somethin)" + APOSTROPHE + NO_LETTER,
          "[oO]" + APOSTROPHE + "clock",
          "[dDoOlL]" + APOSTROPHE + LETTER + WORD_CHARACTER + "*",
          "[yY]" + APOSTROPHE + "(?=" + LETTER + ")",
          "(?i:ma" + APOSTROPHE + "am|c" + APOSTROPHE + "mon|" + APOSTROPHE + "em)" + NO_LETTER,
          APOSTROPHE + "[0-9]{2}s?" + NO_LETTER,
          // Abbreviations.
          // A single letter at the very end of a text ends a sentence.
          LETTER + "\\.(?! *$)" + NO_LETTER,
          "(?:" + LETTER + "\\.){2,}" + NO_LETTER,
          "(?i:" + String.join("|", MONTHS_AND_DAYS, STATES, COMPANIES, TITLES, OTHERS) + ")\\.",
          "(?:" + CAPITALISED + ")\\.",
          "(?i:nos?)\\.(?= *[0-9])",
          "(?:" + LETTER + "\\.)+-" + WORD_CHARACTER + "+(?:-" + WORD_CHARACTER + "+)*",
          // Numbers.
          "[+-]?(?:\\p{Nd}*(?:[.:,]\\p{Nd}+)+|\\p{Nd}+)",
          "(?:[0-9]{1,4}[- ])?[0-9]{1,4}/[0-9]{1,4}",
          "[0-9]{1,2}[-/][0-9]{1,2}[-/][0-9]{2,4}",
          "\\([0-9]{3}\\)[ -]?[0-9]{3}-[0-9]{4}",
          // Words, with marks inside.
          "\\p{Nd}+" + WORD_CHARACTER + "*",
          WORD_CHARACTER + "+(?:[.,]" + WORD_CHARACTER + "+)*(?:-" + WORD_CHARACTER + "+)+",
          "W(?:/W)+".replace("W", WORD_CHARACTER + "+(?:-" + WORD_CHARACTER + "+)*"),
          WORD_CHARACTER + "+(?:_" + WORD_CHARACTER + "+)+",
          "[A-Z]+(?:[+&][A-Z]+)+",
          "[A-Z]*\\$",
          "[cC]\\+\\+",
          "[cCfF]#",
          // Faces and runs of marks.
          "[<>]?[:;=][-o*']?[()DPdpO\\\\{@|\\[\\]]" + NO_LETTER,
          "[?!]{2,}",
          "\\*+",
          "_+",
          "\\.{3,}",
          "-{2,}",
          "#{2,}",
          "@{2,}",
          "<<",
          ">>",
          "[-^x=~<>']_[-^x=~<>']",
          "&#[0-9]+;");

  /** Words: what follows an apostrophe may be a token of its own. */
  private static final List<Pattern> WORDS =
      compile(LETTER + WORD_CHARACTER + "*(?:[.!?]" + LETTER + WORD_CHARACTER + "*)*");

  private static final Pattern DASHES = Pattern.compile("-{2,4}");

  private static final Map<String, String> ENTITIES =
      Map.of("&amp;", "&", "&lt;", "<", "&gt;", ">", "&quot;", "''", "&apos;", "'", "&nbsp;", "");

  private static final Map<Character, String> CHARACTERS =
      Map.ofEntries(
          Map.entry('(', "-lrb-"),
          Map.entry(')', "-rrb-"),
          Map.entry('[', "-lsb-"),
          Map.entry(']', "-rsb-"),
          Map.entry('{', "-lcb-"),
          Map.entry('}', "-rcb-"),
          Map.entry('"', "''"),
          Map.entry('\u201c', "``"),
          Map.entry('\u201d', "''"),
          Map.entry('\u2018', "`"),
          Map.entry('\u2019', "'"),
          Map.entry('\u00ab', "``"),
          Map.entry('\u00bb', "''"),
          Map.entry('\u2039', "`"),
          Map.entry('\u203a', "'"),
          Map.entry('\u2026', "..."),
          Map.entry('\u2013', "--"),
          Map.entry('\u2014', "--"),
          Map.entry('\u2015', "--"),
          Map.entry('\u2010', ""),
          Map.entry('\u2011', ""),
          Map.entry('\u2025', ""),
          Map.entry('\u20ac', "$"),
          Map.entry('\u00a3', "#"),
          Map.entry('\u00a2', "cents"),
          Map.entry('\u00bd', "1/2"),
          Map.entry('\u00bc', "1/4"),
          Map.entry('\u00be', "3/4"));

  private final String text;
  private final List<String> tokens = new ArrayList<>();
  private int at;

  PtbLexer(String text) {
    this.text = text;
  }

  private static List<Pattern> compile(String... patterns) {
    return List.of(patterns).stream().map(Pattern::compile).toList();
  }

  List<String> tokens() {
    while (at < text.length()) {
      if (PythonText.isSpace(text.charAt(at))) {
        at++;
      } else {
        next();
      }
    }
    return tokens;
  }

  private void next() {
    for (Map.Entry<String, String> entity : ENTITIES.entrySet()) {
      if (text.startsWith(entity.getKey(), at)) {
        tokens.add(entity.getValue());
        at += entity.getKey().length();
        return;
      }
    }
    int plain = longest(PLAIN);
    int word = longest(WORDS);
    Matcher together = TOGETHER_WORD.matcher(text).region(at, text.length());
    Matcher tis = TIS.matcher(text).region(at, text.length());
    if (together.useTransparentBounds(true).lookingAt() && together.end() - at >= plain) {
      int first = TOGETHER.get(PythonText.lower(together.group()));
      take(first);
      take(together.end() - at);
    } else if (tis.useTransparentBounds(true).lookingAt()) {
      take(tis.end(1) - at);
      take(tis.end() - at);
    } else if (word > plain) {
      word(word);
    } else if (plain > 0) {
      take(plain);
      clitic();
    } else if (!clitic()) {
      single();
    }
  }

  /** The length of the longest match at this place. */
  private int longest(List<Pattern> patterns) {
    int longest = 0;
    for (Pattern pattern : patterns) {
      Matcher matcher = pattern.matcher(text).region(at, text.length()).useTransparentBounds(true);
      if (matcher.lookingAt()) {
        longest = Math.max(longest, matcher.end() - at);
      }
    }
    return longest;
  }

  /** A blank inside a token becomes one that does not break. */
  private void take(int length) {
    String token = text.substring(at, at + length).replace(' ', '\u00a0');
    if (DASHES.matcher(token).matches()) {
      tokens.add("--");
    } else {
      tokens.add(token.startsWith("...") ? "..." : bracketed(token));
    }
    at += length;
  }

  /** Faces and telephone numbers hold brackets. */
  private static String bracketed(String token) {
    return token.length() == 1 || ":;=<>(".indexOf(token.charAt(0)) < 0
        ? token
        : token
            .replace("(", "-lrb-")
            .replace(")", "-rrb-")
            .replace("[", "-lsb-")
            .replace("]", "-rsb-");
  }

  /** A word, of which "n't" is cut off, and what follows it behind an apostrophe. */
  private void word(int length) {
    Matcher not = NOT.matcher(text).region(at, text.length()).useTransparentBounds(true);
    int end = at + length;
    if (not.region(end - 1, text.length()).lookingAt()) {
      if (length > 1) {
        take(length - 1);
      }
      tokens.add("n't");
      at = end + 2;
      clitic();
    } else {
      take(length);
      clitic();
    }
  }

  private boolean clitic() {
    Matcher clitic = CLITIC.matcher(text).region(at, text.length()).useTransparentBounds(true);
    if (!clitic.lookingAt()) {
      return false;
    }
    tokens.add("'" + clitic.group().substring(1));
    at = clitic.end();
    return true;
  }

  private void single() {
    int c = text.codePointAt(at);
    String token = Character.toString(c);
    at += token.length();
    // The original knows no characters beyond the basic plane, and leaves them out.
    if (token.length() == 1) {
      tokens.add(CHARACTERS.getOrDefault((char) c, token));
    }
  }
}

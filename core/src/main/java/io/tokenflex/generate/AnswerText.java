package io.tokenflex.generate;

import io.tokenflex.text.Tokenizer;
import java.util.Arrays;
import java.util.List;
import java.util.OptionalInt;

/**
 * The text of an answer while its tokens arrive: without surrounding white space, cut before the
 * first stop string.
 *
 * <p>A stop string may begin and end inside of tokens. What may still become part of one, an
 * unfinished character and white space that may turn out to be the last are held back.
 */
final class AnswerText {
  /** What tokenizers write for bytes that are no character, or not one yet. */
  private static final char REPLACEMENT = '\uFFFD';

  private final Tokenizer tokenizer;
  private final List<String> stopStrings;
  private long[] ids = new long[16];
  private int numIds;
  private String decoded = "";
  private int numDecoded;
  private int emitted;

  AnswerText(Tokenizer tokenizer, List<String> stopStrings) {
    this.tokenizer = tokenizer;
    this.stopStrings = stopStrings;
  }

  /** Adds a token. */
  void add(long id) {
    if (numIds == ids.length) {
      ids = Arrays.copyOf(ids, 2 * numIds);
    }
    ids[numIds++] = id;
  }

  private String decoded() {
    if (numDecoded < numIds) {
      decoded = tokenizer.decode(Arrays.copyOf(ids, numIds));
      numDecoded = numIds;
    }
    return decoded;
  }

  /** Whether a stop string was reached. */
  boolean isStopped() {
    return stopAt().isPresent();
  }

  /** The whole text. */
  String text() {
    String all = decoded();
    return all.substring(0, stopAt().orElse(all.length())).strip();
  }

  /** What has become certain since the last call. */
  String settled() {
    int end = stopAt().orElseGet(this::certainLength);
    return emitUpTo(decoded().substring(0, end).strip());
  }

  /** What is left to emit when no token follows. */
  String rest() {
    return emitUpTo(text());
  }

  private String emitUpTo(String text) {
    if (text.length() <= emitted) {
      return "";
    }
    String piece = text.substring(emitted);
    emitted = text.length();
    return piece;
  }

  private OptionalInt stopAt() {
    return stopStrings.stream()
        .mapToInt(stop -> decoded().indexOf(stop))
        .filter(at -> at >= 0)
        .min();
  }

  private int certainLength() {
    String all = decoded();
    int length = all.length();
    while (length > 0 && all.charAt(length - 1) == REPLACEMENT) {
      length--;
    }
    String whole = all.substring(0, length);
    for (String stop : stopStrings) {
      for (int at = Math.max(0, whole.length() - stop.length() + 1); at < length; at++) {
        if (stop.startsWith(whole.substring(at))) {
          length = at;
        }
      }
    }
    return length;
  }
}

package io.tokenflex.generate;

import static org.assertj.core.api.Assertions.assertThat;

import io.tokenflex.testing.TinyRun;
import io.tokenflex.text.HuggingFaceTokenizer;
import java.io.IOException;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

/** Stop strings and streamed pieces, at every way of cutting a text into tokens. */
class AnswerTextTest {
  private static final String ALPHABET = "ab \nÄ語🙂.";

  @Test
  void piecesJoinedAreTheTextAndTheTextEndsBeforeTheFirstStopString() throws IOException {
    try (HuggingFaceTokenizer tokenizer = new HuggingFaceTokenizer(TinyRun.tokenizerJson())) {
      for (long seed = 0; seed < 300; seed++) {
        Random random = new Random(seed);
        String whole = text(random, random.nextInt(20));
        List<String> stops =
            random.nextInt(3) == 0
                ? List.of()
                : List.of(text(random, 1 + random.nextInt(3)), text(random, 1 + random.nextInt(2)));
        AnswerText answer = new AnswerText(tokenizer, stops);
        StringBuilder pieces = new StringBuilder();
        String seen = "";
        // single characters become single tokens, so that stop strings cross borders of tokens
        int[] characters = whole.codePoints().toArray();
        for (int i = 0; i < characters.length && !answer.isStopped(); i++) {
          String character = Character.toString(characters[i]);
          seen += character;
          for (long id : tokenizer.encode(character)) {
            answer.add(id);
            pieces.append(answer.settled());
          }
        }
        pieces.append(answer.rest());
        int end = seen.length();
        for (String stop : stops) {
          int at = seen.indexOf(stop);
          end = at >= 0 ? Math.min(end, at) : end;
        }
        String expected = seen.substring(0, end).strip();
        assertThat(answer.text()).as("seed %d, stops %s", seed, stops).isEqualTo(expected);
        assertThat(pieces.toString()).as("seed %d, stops %s", seed, stops).isEqualTo(expected);
      }
    }
  }

  private static String text(Random random, int length) {
    int[] characters = ALPHABET.codePoints().toArray();
    StringBuilder text = new StringBuilder();
    for (int i = 0; i < length; i++) {
      text.appendCodePoint(characters[random.nextInt(characters.length)]);
    }
    return text.toString();
  }

  @Test
  void anUnfinishedCharacterIsHeldBackAndWrittenOnce() throws IOException {
    try (HuggingFaceTokenizer tokenizer = new HuggingFaceTokenizer(TinyRun.tokenizerJson())) {
      long[] ids = tokenizer.encode("🙂");
      assertThat(ids.length).isGreaterThan(1);
      AnswerText answer = new AnswerText(tokenizer, List.of());
      StringBuilder pieces = new StringBuilder();
      for (int i = 0; i < ids.length; i++) {
        answer.add(ids[i]);
        String piece = answer.settled();
        assertThat(piece).isEqualTo(i == ids.length - 1 ? "🙂" : "");
        pieces.append(piece);
      }
      assertThat(pieces.append(answer.rest()).toString()).isEqualTo("🙂");
    }
  }
}

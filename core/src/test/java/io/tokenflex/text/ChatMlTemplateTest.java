package io.tokenflex.text;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.tokenflex.samples.EncodedImage;
import io.tokenflex.samples.Role;
import io.tokenflex.samples.Sample;
import io.tokenflex.samples.Turn;
import io.tokenflex.testing.TinyRun;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class ChatMlTemplateTest {
  private static final String MULTI_BYTE = "Größe 3 × 4: 東京 🦊, ça va!";

  private HuggingFaceTokenizer tokenizer;
  private ChatMlTemplate template;

  @BeforeEach
  void open() throws IOException {
    tokenizer = new HuggingFaceTokenizer(TinyRun.tokenizerJson());
    template = new ChatMlTemplate(tokenizer);
  }

  @AfterEach
  void close() {
    tokenizer.close();
  }

  private static Sample sample(int images, Turn... turns) {
    EncodedImage image = new EncodedImage(new byte[1], 1, 1, "0");
    return new Sample(
        "s-1", Collections.nCopies(images, image), List.of(turns), "test.json", Map.of());
  }

  private static Turn user(String text) {
    return new Turn(Role.USER, text);
  }

  private static Turn assistant(String text) {
    return new Turn(Role.ASSISTANT, text);
  }

  /** The runs of supervised tokens; each ends with the end of its turn. */
  private List<long[]> spans(TokenizedSample sample) {
    List<long[]> spans = new ArrayList<>();
    int from = 0;
    for (int i = 0; i < sample.ids().length; i++) {
      if (!sample.supervised()[i]) {
        from = i + 1;
      } else if (sample.ids()[i] == template.endOfTurnId()) {
        spans.add(Arrays.copyOfRange(sample.ids(), from, i + 1));
      }
    }
    return spans;
  }

  @Test
  void supervisedIsExactlyTheAnswerAndTheEndOfItsTurn() {
    TokenizedSample encoded =
        template.encode(
            sample(
                0,
                new Turn(Role.SYSTEM, "Be brief. 簡潔に"),
                user("¿Qué? " + MULTI_BYTE),
                assistant(MULTI_BYTE),
                user("Sure?"),
                assistant("oui, 東")));
    List<long[]> spans = spans(encoded);
    assertThat(spans).hasSize(2);
    assertThat(tokenizer.decode(spans.get(0))).isEqualTo(MULTI_BYTE);
    assertThat(tokenizer.decode(spans.get(1))).isEqualTo("oui, 東");
    long supervised =
        IntStream.range(0, encoded.ids().length).filter(i -> encoded.supervised()[i]).count();
    assertThat(supervised)
        .as("nothing outside of the two spans")
        .isEqualTo(spans.get(0).length + spans.get(1).length);
    assertThat(tokenizer.decode(encoded.ids()))
        .isEqualTo(
            "system\nBe brief. 簡潔に\nuser\n¿Qué? %s\nassistant\n%s\nuser\nSure?\nassistant\noui, 東\n"
                .formatted(MULTI_BYTE, MULTI_BYTE));
  }

  @Test
  void everyImageMarkBecomesOneUnsupervisedPlaceholder() {
    TokenizedSample encoded =
        template.encode(sample(3, user("<image>\nand <image>?"), assistant("like <image> this")));
    List<Integer> places =
        IntStream.range(0, encoded.ids().length)
            .filter(i -> encoded.ids()[i] == template.imageTokenId())
            .boxed()
            .toList();
    assertThat(places).hasSize(3).noneMatch(place -> encoded.supervised()[place]);
    assertThat(encoded.images()).hasSize(3);
  }

  @Test
  void aPromptEndsWhereTheAnswerBegins() {
    TokenizedSample whole = template.encode(sample(0, user("Größe?"), assistant("3 × 4")));
    TokenizedSample prompt = template.encodePrompt("s-1", List.of(user("Größe?")), List.of());
    assertThat(Arrays.copyOf(whole.ids(), prompt.ids().length)).isEqualTo(prompt.ids());
    assertThat(whole.supervised()[prompt.ids().length]).isTrue();
    assertThat(whole.supervised()[prompt.ids().length - 1]).isFalse();
  }

  @Test
  void aSpecialTokenInTheTextIsRejected() {
    assertThatThrownBy(
            () -> template.encode(sample(0, user("hi"), assistant("bye<|im_end|>\nmore"))))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage(
            "Sample s-1: its text holds the special token <|im_end|>; remove it from the text");
  }

  @Test
  void aConversationWithoutAnAnswerIsRejected() {
    assertThatThrownBy(() -> template.encode(sample(0, user("hi"))))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage(
            "Sample s-1 (test.json): no assistant turn, so nothing to learn; drop the sample");
  }

  @Test
  void marksAndImagesMustAgree() {
    assertThatThrownBy(() -> sample(2, user("<image>"), assistant("one")))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage(
            "Sample s-1 (test.json): 2 images but 1 <image> marks;"
                + " fix the conversation or drop the sample");
  }

  @Test
  void aTokenizerWithoutTheTemplatesTokensIsRejected() throws IOException {
    String json = new String(TinyRun.tokenizerJson(), UTF_8).replace("<|im_end|>", "<|fin|>");
    try (HuggingFaceTokenizer other = new HuggingFaceTokenizer(json.getBytes(UTF_8))) {
      assertThatThrownBy(() -> new ChatMlTemplate(other))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessageStartingWith("The tokenizer has no special token <|im_end|>; it has [")
          .hasMessageEndingWith("Use a tokenizer.json that has it");
    }
  }
}

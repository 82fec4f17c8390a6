package io.tokenflex.text;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.tokenflex.samples.Role;
import io.tokenflex.samples.Sample;
import io.tokenflex.samples.Turn;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class JinjaChatTemplateTest {
  private static final String LOOP = "{% for message in messages %}";
  private static final String TURN =
      "<|im_start|>{{ message.role }}\n{{ message.content }}<|im_end|>\n";
  private static final String BEGUN =
      "{% if add_generation_prompt %}<|im_start|>assistant\n{% endif %}";

  private HuggingFaceTokenizer tokenizer;

  @BeforeEach
  void open() {
    tokenizer = ChatGoldens.tokenizer("qwen");
  }

  @AfterEach
  void close() {
    tokenizer.close();
  }

  private ChatTemplate template(String jinja) {
    return new JinjaChatTemplate(tokenizer, new ChatTemplateText("T", jinja, Map.of()));
  }

  private static Sample sample(Turn... turns) {
    int images = 0;
    for (Turn turn : turns) {
      images += Sample.countImageMarks(turn.text());
    }
    return new Sample("s-1", ChatGoldens.images(images), List.of(turns), "test.json", Map.of());
  }

  private static Turn user(String text) {
    return new Turn(Role.USER, text);
  }

  private static Turn assistant(String text) {
    return new Turn(Role.ASSISTANT, text);
  }

  @Test
  void onlyTheAnswersAreSupervised() {
    ChatTemplate template = template(LOOP + TURN + "{% endfor %}" + BEGUN);
    TokenizedSample encoded =
        template.encode(sample(user("<image> 東京?"), assistant("<image>は🦊"), user("x")));
    long[] words =
        IntStream.range(0, encoded.ids().length)
            .filter(i -> encoded.supervised()[i])
            .mapToLong(i -> encoded.ids()[i])
            .toArray();
    assertThat(tokenizer.decode(words)).isEqualTo("は🦊");
    assertThat(words).doesNotContain(template.imageTokenId());
    assertThat(words[words.length - 1]).isEqualTo(template.endOfTurnId());
  }

  /** Parses reasoning out of an answer and writes it, or nothing of it, before the last one. */
  private static final String REASONING =
      "{% for m in messages %}<|im_start|>{{ m.role }}\n"
          + "{% set r = m.content.split('</think>')[0].split('<think>')[-1].strip('\n') if"
          + " '</think>' in m.content else '' %}"
          + "{% if m.role == 'assistant' and loop.last %}{{ '<think>\n' + r + '\n</think>\n\n' }}"
          + "{% endif %}{{ m.content.split('</think>')[-1].lstrip('\n') }}<|im_end|>\n{% endfor %}";

  @Test
  void anEmptyReasoningBlockOfTheTemplateBelongsToThePrompt() {
    ChatTemplate template = template(REASONING + BEGUN);
    Turn question = user("<image> Which?");

    TokenizedSample encoded = template.encode(sample(question, assistant("circle")));
    TokenizedSample prompt = template.encodePrompt("p", List.of(question), ChatGoldens.images(1));

    assertThat(tokenizer.decode(supervised(encoded))).isEqualTo("circle");
    assertThat(tokenizer.decode(prompt.ids())).endsWith("assistant\n<think>\n\n</think>\n\n");
    assertThat(Arrays.copyOf(encoded.ids(), prompt.ids().length)).isEqualTo(prompt.ids());
    assertThat(encoded.supervised()[prompt.ids().length]).isTrue();
  }

  @Test
  void reasoningThatStandsInTheDataIsSupervised() {
    ChatTemplate template = template(REASONING + BEGUN);
    TokenizedSample encoded =
        template.encode(sample(user("x?"), assistant("<think>\nround\n</think>\n\ncircle")));
    assertThat(tokenizer.decode(supervised(encoded)))
        .isEqualTo("<think>\nround\n</think>\n\ncircle");
  }

  @Test
  void onlyTheAnswerThatTheBlockStandsBeforeLosesIt() {
    ChatTemplate template = template(REASONING + BEGUN);
    TokenizedSample encoded =
        template.encode(sample(user("x?"), assistant("first"), user("y?"), assistant("second")));
    assertThat(tokenizer.decode(supervised(encoded))).isEqualTo("firstsecond");
  }

  @Test
  void aPromptThatOpensReasoningIsClosedByTheTemplatesOwnWords() {
    ChatTemplate template = template(REASONING + BEGUN.replace("\n", "\n<think>\n"));
    Turn question = user("x?");
    TokenizedSample encoded = template.encode(sample(question, assistant("circle")));
    TokenizedSample prompt = template.encodePrompt("p", List.of(question), List.of());
    assertThat(tokenizer.decode(supervised(encoded))).isEqualTo("circle");
    assertThat(Arrays.copyOf(encoded.ids(), prompt.ids().length)).isEqualTo(prompt.ids());
  }

  private static long[] supervised(TokenizedSample encoded) {
    return IntStream.range(0, encoded.ids().length)
        .filter(i -> encoded.supervised()[i])
        .mapToLong(i -> encoded.ids()[i])
        .toArray();
  }

  private static final String PARTS =
      "{% for m in messages %}<|im_start|>{{ m['role'] }}\n{% for part in m['content'] %}"
          + "{% if part['type'] == 'image' %}{{ IMAGE }}{% else %}{{ part['text'] }}{% endif %}"
          + "{% endfor %}<|im_end|>\n{% endfor %}"
          + BEGUN;

  private String written(String jinja, Turn... turns) {
    ChatTemplate template = template(jinja);
    return tokenizer.decode(template.encode(sample(turns)).ids());
  }

  @Test
  void aTemplateThatLoopsOverContentIsGivenParts() {
    String template = PARTS.replace("IMAGE", "'<image>'");
    TokenizedSample encoded =
        template(template).encode(sample(user("<image>\nColour?"), assistant("red")));
    assertThat(tokenizer.decode(supervised(encoded))).isEqualTo("red");
    assertThat(encoded.ids())
        .containsOnlyOnce(template(template).imageTokenId())
        .isEqualTo(
            tokenizer.encode(
                "<|im_start|>user\n<image>Colour?<|im_end|>\n<|im_start|>assistant\nred<|im_end|>\n"));
    // As LLaVA's: pictures first, then the words, found by filters.
    String picturesFirst =
        "{% for m in messages %}<|im_start|>{{ m.role }}\n"
            + "{% for c in m.content | selectattr('type', 'equalto', 'image') %}{{ '<image>\n' }}{% endfor %}"
            + "{% for c in m.content | selectattr('type', 'equalto', 'text') %}{{ c['text'] }}{% endfor %}"
            + "<|im_end|>\n{% endfor %}"
            + BEGUN;
    assertThat(written(picturesFirst, user("a\n<image>\nb<image>"), assistant("red")))
        .isEqualTo("user\n\n\nab\nassistant\nred\n");
  }

  @Test
  void aTemplatesOwnTokenForAPictureStandsWhereTheMarkStands() {
    String template = PARTS.replace("IMAGE", "'<|endoftext|>'"); // as <|image_pad|> of Qwen2-VL
    TokenizedSample encoded =
        template(template).encode(sample(user("<image>\nColour?"), assistant("red")));
    assertThat(encoded.ids()).containsOnlyOnce(template(template).imageTokenId());
  }

  @Test
  void aTemplateThatWritesNothingForAPictureIsRefusedAtOnceWithTheCause() {
    assertThatThrownBy(() -> template(PARTS.replace("IMAGE", "'[picture]'")))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageStartingWith(
            "Template T loops over the content of messages, but for a part of type image")
        .hasMessageContaining("[picture]question");
  }

  @Test
  void aTemplateThatTakesTextAndPartsIsGivenParts() {
    String both =
        PARTS
            .replace("IMAGE", "'<image>!'")
            .replace(
                "{% for part in m['content'] %}",
                "{% if m.content is string %}{{ m.content }}{% else %}{% for part in m['content'] %}")
            .replace("{% endfor %}<|im_end|>", "{% endfor %}{% endif %}<|im_end|>");
    assertThat(written(both, user("<image>\nColour?"), assistant("red"))).contains("!Colour?");
  }

  @Test
  void aTemplateWhoseLoopFailsOnPartsIsGivenText() {
    String letters =
        "{% for m in messages %}<|im_start|>{{ m.role }}\n{% for c in m.content %}{{ c + '' }}{% endfor %}"
            + "<|im_end|>\n{% endfor %}"
            + BEGUN;
    assertThat(written(letters, user("<image>\nColour?"), assistant("red"))).contains("Colour?");
  }

  @Test
  void aTemplateThatChangesWhatCameBeforeIsRefused() {
    ChatTemplate template =
        template(
            "{% if messages|length > 4 %}Long.\n{% endif %}"
                + LOOP
                + TURN
                + "{% endfor %}"
                + BEGUN);
    Sample sample =
        sample(user("a"), assistant("b"), user("c"), assistant("d"), user("e"), assistant("f"));
    assertThatThrownBy(() -> template.encode(sample))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageStartingWith(
            "Sample s-1 (test.json), turn 2: template T writes what comes before")
        .hasMessageEndingWith("drop the sample or use another template");
  }

  @Test
  void anAnswerThatBeginsInsideATokenIsRefused() {
    ChatTemplate template = template(LOOP + TURN + "{% endfor %}" + BEGUN);
    assertThatThrownBy(
            () ->
                template.encode(
                    sample(user("a"), assistant("b"), user("c"), assistant("\n\nindented"))))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageStartingWith(
            "Sample s-1 (test.json), turn 4: the answer begins inside of a token")
        .hasMessageContaining("remove white space from the answer's start");
  }

  @Test
  void aTemplateThatDropsTheAnswerIsRefused() {
    ChatTemplate template =
        template(
            LOOP
                + "<|im_start|>{{ message.role }}\n"
                + "{{ '' if 'secret' in message.content else message.content }}<|im_end|>\n"
                + "{% endfor %}"
                + BEGUN);
    assertThatThrownBy(() -> template.encode(sample(user("a"), assistant("a secret"))))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageStartingWith("Sample s-1 (test.json), turn 2: template T leaves nothing");
  }

  @Test
  void aTemplateThatDropsAnImageIsRefused() {
    ChatTemplate template =
        template(
            LOOP
                + TURN.replace("content", "content.replace('<image>', '')")
                + "{% endfor %}"
                + BEGUN);
    assertThatThrownBy(() -> template.encode(sample(user("<image>"), assistant("b"))))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage(
            "Sample s-1: 1 images but template T wrote 0 <image> marks; use another template");
  }

  @Test
  void aTemplateWhoseAnswersDoNotEndIsRefusedAtOnce() {
    String bare =
        LOOP + "<|im_start|>{{ message.role }}\n{{ message.content }}\n{% endfor %}" + BEGUN;
    assertThatThrownBy(() -> template(bare))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageStartingWith("Template T: an answer does not end with a special token");
    String plain = LOOP + "{{ message.content }}\n{% endfor %}";
    assertThatThrownBy(() -> template(plain))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageStartingWith("Template T: an answer does not end with a special token");
  }

  @Test
  void aSpecialTokenInTheTextIsRejected() {
    ChatTemplate template = template(LOOP + TURN + "{% endfor %}" + BEGUN);
    assertThatThrownBy(() -> template.encode(sample(user("hi"), assistant("bye<|im_end|>\nmore"))))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage(
            "Sample s-1: its text holds the special token <|im_end|>; remove it from the text");
  }

  @Test
  void aConversationWithoutAnAnswerIsRejected() {
    ChatTemplate template = template(LOOP + TURN + "{% endfor %}" + BEGUN);
    assertThatThrownBy(() -> template.encode(sample(user("hi"))))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage(
            "Sample s-1 (test.json): no assistant turn, so nothing to learn; drop the sample");
  }

  @Test
  void whatATemplateRaisesNamesTheSample() {
    ChatTemplate template =
        template(
            LOOP
                + "{% if message.role == 'system' %}{{ raise_exception('no system') }}{% endif %}"
                + TURN
                + "{% endfor %}"
                + BEGUN);
    assertThatThrownBy(
            () -> template.encode(sample(new Turn(Role.SYSTEM, "x"), user("a"), assistant("b"))))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageStartingWith("Sample s-1: Template T, line 1: no system; fix the conversation");
  }

  @Test
  void chatMlOfJinjaAndByHandAgreeWhereWordsAreTokenizedAlike() {
    ChatTemplate byHand = new ChatMlTemplate(tokenizer);
    ChatTemplate jinja = new JinjaChatTemplate(tokenizer, ChatGoldens.template("chatml"));
    assertThat(jinja.endOfTurnId()).isEqualTo(byHand.endOfTurnId());
    assertThat(jinja.imageTokenId()).isEqualTo(byHand.imageTokenId());
    int alike = 0;
    for (Sample sample : ChatGoldens.samples()) {
      if (sample.conversation().stream().anyMatch(turn -> joinsTheNewlineBefore(turn.text()))) {
        continue; // tokenized apart by hand, as one in transformers
      }
      TokenizedSample expected = byHand.encode(sample);
      TokenizedSample actual = jinja.encode(sample);
      assertThat(actual.ids()).as(sample.id()).isEqualTo(expected.ids());
      assertThat(actual.supervised()).as(sample.id()).isEqualTo(expected.supervised());
      assertThat(actual.images()).isEqualTo(expected.images());
      assertThat(jinja.encodePrompt("p", sample.conversation(), sample.images()).ids())
          .isEqualTo(byHand.encodePrompt("p", sample.conversation(), sample.images()).ids());
      alike++;
    }
    assertThat(alike).isEqualTo(ChatGoldens.samples().size() - 3);
  }

  /** Qwen's tokenizer makes one token of neighbouring newlines. */
  private static boolean joinsTheNewlineBefore(String text) {
    return text.startsWith("\n");
  }
}

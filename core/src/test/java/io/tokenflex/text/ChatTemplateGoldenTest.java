package io.tokenflex.text;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.tokenflex.jinja.JinjaTemplate;
import io.tokenflex.samples.EncodedImage;
import io.tokenflex.samples.Role;
import io.tokenflex.samples.Sample;
import io.tokenflex.samples.Turn;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Against transformers' {@code apply_chat_template}, on every conversation and family. */
class ChatTemplateGoldenTest {
  private static final List<Sample> SAMPLES = ChatGoldens.samples();

  private static String render(String family, List<Turn> turns, boolean answerBegun) {
    ChatTemplateText text = ChatGoldens.template(family);
    Map<String, Object> variables = new HashMap<>(text.specialTokens());
    variables.put(
        "messages",
        turns.stream()
            .map(turn -> Map.of("role", turn.role().wireName(), "content", turn.text()))
            .toList());
    variables.put("add_generation_prompt", answerBegun);
    variables.put("tools", null);
    return new JinjaTemplate(family, text.template()).render(variables);
  }

  private static List<Turn> asked(Sample sample) {
    List<Turn> turns = sample.conversation();
    int last = turns.size() - 1;
    return turns.get(last).role() == Role.ASSISTANT ? turns.subList(0, last) : turns;
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"qwen2.5", "qwen3", "llama3.1", "llama2", "vicuna", "internlm2", "chatml"})
  void textIsThatOfTransformers(String family) {
    JsonNode expected = ChatGoldens.json("expected-%s.json".formatted(family));
    assertThat(expected).hasSameSizeAs(SAMPLES);
    for (int i = 0; i < SAMPLES.size(); i++) {
      Sample sample = SAMPLES.get(i);
      JsonNode row = expected.get(i);
      if (row.has("error")) {
        assertThatThrownBy(() -> render(family, sample.conversation(), false))
            .as("%s %s", family, sample.id())
            .isInstanceOf(IllegalArgumentException.class)
            .hasMessageContaining(row.get("error").asText());
        continue;
      }
      assertThat(render(family, sample.conversation(), false))
          .as("%s %s", family, sample.id())
          .isEqualTo(row.get("text").asText());
      assertThat(render(family, asked(sample), true))
          .as("%s %s, prompt", family, sample.id())
          .isEqualTo(row.get("prompt_text").asText());
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"qwen2.5", "qwen3", "llama3.1", "llama2", "vicuna", "internlm2", "chatml"})
  void idsAndWhatIsSupervisedAreThoseOfTransformers(String family) {
    JsonNode expected = ChatGoldens.json("expected-%s.json".formatted(family));
    try (HuggingFaceTokenizer tokenizer = ChatGoldens.tokenizerOfFamily(family)) {
      ChatTemplate template = new JinjaChatTemplate(tokenizer, ChatGoldens.template(family));
      for (int i = 0; i < SAMPLES.size(); i++) {
        Sample sample = SAMPLES.get(i);
        JsonNode row = expected.get(i);
        String place = "%s %s".formatted(family, sample.id());
        if (row.has("error")) {
          assertThatThrownBy(() -> template.encode(sample))
              .as(place)
              .isInstanceOf(IllegalArgumentException.class)
              .hasMessageStartingWith("Sample %s: Template %s".formatted(sample.id(), family))
              .hasMessageContaining(row.get("error").asText());
          continue;
        }
        TokenizedSample prompt =
            template.encodePrompt(sample.id(), asked(sample), imagesOf(asked(sample)));
        JsonNode promptIds =
            row.has("answer_prompt_ids") ? row.get("answer_prompt_ids") : row.get("prompt_ids");
        assertThat(prompt.ids()).as(place).isEqualTo(ChatGoldens.longs(promptIds));
        assertThat(prompt.supervised()).as(place).containsOnly(false);
        if (row.has("inside_token")) {
          assertThatThrownBy(() -> template.encode(sample))
              .as(place)
              .isInstanceOf(IllegalArgumentException.class)
              .hasMessageStartingWith(
                  "Sample %s (conversations.json), turn ".formatted(sample.id()))
              .hasMessageContaining("begins inside of a token");
          continue;
        }
        if (row.has("rewritten")) {
          assertThatThrownBy(() -> template.encode(sample))
              .as(place)
              .isInstanceOf(IllegalArgumentException.class)
              .hasMessageStartingWith(
                  String.format(
                      Locale.ROOT,
                      "Sample %s (conversations.json), turn %d: template %s writes what comes before",
                      sample.id(),
                      row.get("rewritten").asInt(),
                      family));
          continue;
        }
        TokenizedSample whole = template.encode(sample);
        assertThat(whole.ids()).as(place).isEqualTo(ChatGoldens.longs(row.get("ids")));
        assertThat(supervisedIndices(whole))
            .as(place)
            .isEqualTo(ChatGoldens.longs(row.get("supervised")));
      }
    }
  }

  private static List<EncodedImage> imagesOf(List<Turn> turns) {
    return ChatGoldens.images(
        turns.stream().mapToInt(turn -> Sample.countImageMarks(turn.text())).sum());
  }

  private static long[] supervisedIndices(TokenizedSample sample) {
    return IntStream.range(0, sample.ids().length)
        .filter(i -> sample.supervised()[i])
        .asLongStream()
        .toArray();
  }

  @Test
  void theTrialFindsEachFamilysEndOfTurn() {
    Map.of(
            "qwen2.5", "<|im_end|>",
            "qwen3", "<|im_end|>",
            "llama3.1", "<|eot_id|>",
            "llama2", "</s>",
            "vicuna", "</s>",
            "internlm2", "<|im_end|>")
        .forEach(
            (family, end) -> {
              try (HuggingFaceTokenizer tokenizer = ChatGoldens.tokenizerOfFamily(family)) {
                ChatTemplate template =
                    new JinjaChatTemplate(tokenizer, ChatGoldens.template(family));
                assertThat(template.endOfTurnId())
                    .as(family)
                    .isEqualTo(tokenizer.specialTokenId(end));
                assertThat(template.imageTokenId())
                    .isEqualTo(tokenizer.specialTokenId(Sample.IMAGE_MARK));
              }
            });
  }

  @ParameterizedTest
  @ValueSource(strings = {"qwen2.5", "qwen3", "llama3.1"})
  void toolsAreWrittenAsTransformersWritesThem(String family) {
    ChatTemplateText text = ChatGoldens.template(family);
    Map<String, Object> variables = new HashMap<>(text.specialTokens());
    variables.put("messages", List.of(Map.of("role", "user", "content", "Größe?")));
    variables.put("add_generation_prompt", true);
    variables.put(
        "tools", new ObjectMapper().convertValue(ChatGoldens.FACTS.get("tools"), List.class));
    assertThat(new JinjaTemplate(family, text.template()).render(variables))
        .isEqualTo(ChatGoldens.FACTS.at("/families/%s/with_tools".formatted(family)).asText());
  }
}

package io.tokenflex.text;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.tokenflex.samples.EncodedImage;
import io.tokenflex.samples.Role;
import io.tokenflex.samples.Sample;
import io.tokenflex.samples.Turn;
import java.io.IOException;
import java.io.InputStream;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Tokenizers, templates and conversations that tools/golden/chat_templates.py wrote. */
final class ChatGoldens {
  static final JsonNode FACTS = json("chat.json");

  private ChatGoldens() {}

  static byte[] bytes(String file) {
    try (InputStream in = ChatGoldens.class.getResourceAsStream("/golden/chat/" + file)) {
      return in.readAllBytes();
    } catch (IOException e) {
      throw new AssertionError(file, e);
    }
  }

  static JsonNode json(String file) {
    try {
      return new ObjectMapper().readTree(bytes(file));
    } catch (IOException e) {
      throw new AssertionError(file, e);
    }
  }

  /** A tokenizer of a kind, which has learned the image token. */
  static HuggingFaceTokenizer tokenizer(String kind) {
    try {
      byte[] json = bytes("tokenizer-%s.json".formatted(kind));
      return new HuggingFaceTokenizer(
          TokenizerFiles.withSpecialToken(json, Sample.IMAGE_MARK).json());
    } catch (IOException e) {
      throw new AssertionError(kind, e);
    }
  }

  static HuggingFaceTokenizer tokenizerOfFamily(String family) {
    return tokenizer(FACTS.at("/families/%s/tokenizer".formatted(family)).asText());
  }

  static ChatTemplateText template(String family) {
    JsonNode config = json("tokenizer_config-%s.json".formatted(family));
    Map<String, String> tokens = new LinkedHashMap<>();
    for (String name : List.of("bos_token", "eos_token")) {
      if (config.hasNonNull(name)) {
        tokens.put(name, config.get(name).asText());
      }
    }
    return new ChatTemplateText(family, config.get("chat_template").asText(), tokens);
  }

  static List<Sample> samples() {
    List<Sample> samples = new ArrayList<>();
    for (JsonNode conversation : json("conversations.json")) {
      List<Turn> turns = new ArrayList<>();
      int images = 0;
      for (JsonNode turn : conversation) {
        String text = turn.get(1).asText();
        turns.add(new Turn(Role.ofWireName(turn.get(0).asText()), text));
        images += Sample.countImageMarks(text);
      }
      samples.add(
          new Sample("c-" + samples.size(), images(images), turns, "conversations.json", Map.of()));
    }
    return samples;
  }

  static List<EncodedImage> images(int count) {
    return Collections.nCopies(count, new EncodedImage(new byte[1], 1, 1, "0"));
  }

  static long[] longs(JsonNode array) {
    long[] values = new long[array.size()];
    for (int i = 0; i < values.length; i++) {
      values[i] = array.get(i).asLong();
    }
    return values;
  }
}

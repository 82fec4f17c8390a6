package io.tokenflex.text;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ChatTemplateTextTest {
  @TempDir private Path folder;

  private void write(String file, String content) throws IOException {
    Files.writeString(folder.resolve(file), content);
  }

  @Test
  void aStringInTheTokenizerConfigIsTheTemplate() throws IOException {
    write(
        "tokenizer_config.json",
        "{\"chat_template\": \"A\", \"bos_token\": null, \"eos_token\": {\"content\": \"</s>\"}}");
    ChatTemplateText text = read(folder);
    assertThat(text.template()).isEqualTo("A");
    assertThat(text.name()).isEqualTo(folder.resolve("tokenizer_config.json").toString());
    assertThat(text.specialTokens()).isEqualTo(Map.of("eos_token", "</s>"));
  }

  @Test
  void ofNamedTemplatesTheDefaultIsTaken() throws IOException {
    write(
        "tokenizer_config.json",
        "{\"chat_template\": [{\"name\": \"tool_use\", \"template\": \"T\"},"
            + " {\"name\": \"default\", \"template\": \"D\"}], \"bos_token\": \"<s>\"}");
    ChatTemplateText text = read(folder);
    assertThat(text.template()).isEqualTo("D");
    assertThat(text.specialTokens()).isEqualTo(Map.of("bos_token", "<s>"));
  }

  @Test
  void aTemplateFileComesFirstAndTokensMayStandInTheirOwnFile() throws IOException {
    write("tokenizer_config.json", "{\"chat_template\": \"A\"}");
    write("special_tokens_map.json", "{\"eos_token\": \"<|end|>\"}");
    write("chat_template.jinja", "J\n");
    ChatTemplateText text = read(folder);
    assertThat(text.template()).isEqualTo("J\n");
    assertThat(text.specialTokens()).isEqualTo(Map.of("eos_token", "<|end|>"));
  }

  @Test
  void chatTemplateJsonComesLast() throws IOException {
    write("tokenizer_config.json", "{\"eos_token\": \"</s>\"}");
    write("chat_template.json", "{\"chat_template\": \"P\"}");
    assertThat(read(folder).template()).isEqualTo("P");
  }

  @Test
  void noTemplateIsRefusedWithWhatToDo() throws IOException {
    write("tokenizer_config.json", "{}");
    assertThatThrownBy(() -> read(folder))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageStartingWith(folder + " has no chat template: ")
        .hasMessageContaining("take the folder of a model that was tuned to chat");
  }

  @Test
  void namedTemplatesWithoutADefaultAreRefused() throws IOException {
    write(
        "tokenizer_config.json", "{\"chat_template\": [{\"name\": \"rag\", \"template\": \"R\"}]}");
    assertThatThrownBy(() -> read(folder))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("nor a list with a template named default");
  }

  private static ChatTemplateText read(Path folder) throws IOException {
    return ChatTemplateText.of(
        ModelText.otherFiles(ModelText.Folder.of(folder)), folder.toString());
  }
}

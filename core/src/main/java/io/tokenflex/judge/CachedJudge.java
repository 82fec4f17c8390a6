package io.tokenflex.judge;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.tokenflex.digest.Digests;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;

/**
 * Remembers a judge's replies on disk, a file each, so that scoring again asks nothing again. The
 * key is made of the judge's name, the rule, the temperature and the whole prompt, which holds the
 * model's answer: a reply to another question is never taken. Failures are not remembered.
 */
public final class CachedJudge implements Judge {
  private static final ObjectMapper JSON = new ObjectMapper();

  private final Judge judge;
  private final String rule;
  private final Path folder;

  /**
   * Asks a judge only what the folder does not know.
   *
   * @param rule what the replies are used for, with its version
   * @param folder made if it is not there
   */
  public CachedJudge(Judge judge, String rule, Path folder) {
    this.judge = judge;
    this.rule = rule;
    this.folder = folder;
  }

  @Override
  public String name() {
    return judge.name();
  }

  @Override
  public String reply(String prompt, double temperature) throws JudgeException {
    ObjectNode asked = JSON.createObjectNode();
    asked.put("judge", judge.name());
    asked.put("rule", rule);
    asked.put("temperature", temperature);
    asked.put("prompt", prompt);
    Path file = folder.resolve(Digests.sha256Hex(asked.toString()) + ".json");
    JsonNode known = read(file);
    // A file that is cut off or of another question is written anew.
    if (known != null && known.path("asked").equals(asked) && known.path("reply").isTextual()) {
      return known.get("reply").asText();
    }
    String reply = judge.reply(prompt, temperature);
    ObjectNode content = JSON.createObjectNode();
    content.set("asked", asked);
    content.put("reply", reply);
    write(file, content);
    return reply;
  }

  private static JsonNode read(Path file) {
    if (!Files.exists(file)) {
      return null;
    }
    try {
      return JSON.readTree(Files.readAllBytes(file));
    } catch (IOException e) {
      return null;
    }
  }

  private void write(Path file, ObjectNode content) {
    try {
      Files.createDirectories(folder);
      Path temporary = Files.createTempFile(folder, "reply", ".tmp");
      Files.write(temporary, JSON.writeValueAsBytes(content));
      Files.move(temporary, file, StandardCopyOption.REPLACE_EXISTING);
    } catch (IOException e) {
      throw new UncheckedIOException("The judge's reply cannot be kept in " + folder, e);
    }
  }
}

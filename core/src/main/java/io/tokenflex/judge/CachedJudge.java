package io.tokenflex.judge;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.tokenflex.digest.Digests;
import io.tokenflex.storage.Storage;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/**
 * Remembers a judge's replies in a storage, a file each, so that scoring again asks nothing again.
 * The key is made of the judge's name, the rule, the temperature and the whole prompt, which holds
 * the model's answer: a reply to another question is never taken. Failures are not remembered.
 */
public final class CachedJudge implements Judge {
  private static final ObjectMapper JSON = new ObjectMapper();

  private final Judge judge;
  private final String rule;
  private final Storage folder;

  /** A lock for each file: of equal questions one asks and the others find its reply. */
  private final Map<String, Object> locks = new ConcurrentHashMap<>();

  /**
   * Asks a judge only what the folder does not know.
   *
   * @param rule what the replies are used for, with its version
   * @param folder of all replies
   */
  public CachedJudge(Judge judge, String rule, Storage folder) {
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
    String file = Digests.sha256Hex(asked.toString()) + ".json";
    synchronized (locks.computeIfAbsent(file, unused -> new Object())) {
      return reply(file, asked, prompt, temperature);
    }
  }

  private String reply(String file, ObjectNode asked, String prompt, double temperature)
      throws JudgeException {
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

  private JsonNode read(String file) {
    try (InputStream in = folder.open(file)) {
      return JSON.readTree(in.readAllBytes());
    } catch (IOException e) {
      return null; // none, or one that is no JSON
    }
  }

  private void write(String file, ObjectNode content) {
    try {
      folder.replace(file, JSON.writeValueAsBytes(content));
    } catch (IOException e) {
      throw new UncheckedIOException(
          "The judge's reply cannot be kept as " + folder.locationOf(file), e);
    }
  }
}

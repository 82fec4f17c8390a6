package io.tokenflex.safetensors;

import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.SerializationFeature;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;

/**
 * {@code NAME.safetensors.index.json}: maps tensors to shards, as Hugging Face's {@code
 * save_pretrained} writes it.
 *
 * @param weightMap file name by tensor name
 * @param totalSize total size of the tensors in bytes; ignored when reading
 */
record SafetensorsIndex(Map<String, String> weightMap, long totalSize) {
  private static final String METADATA = "metadata";
  private static final String TOTAL_SIZE = "total_size";
  private static final String WEIGHT_MAP = "weight_map";
  private static final long MAX_BYTES = SafetensorsHeader.MAX_JSON_BYTES;

  private static final ObjectMapper JSON =
      new ObjectMapper()
          .enable(JsonParser.Feature.STRICT_DUPLICATE_DETECTION)
          .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
          .enable(SerializationFeature.INDENT_OUTPUT);

  static String wholeName(String baseName) {
    return baseName + ".safetensors";
  }

  static String indexName(String baseName) {
    return baseName + ".safetensors.index.json";
  }

  /** File name of shard {@code number}, counted from 1. */
  static String shardName(String baseName, int number, int numShards) {
    return String.format(Locale.ROOT, "%s-%05d-of-%05d.safetensors", baseName, number, numShards);
  }

  static SafetensorsIndex read(Path file) throws IOException {
    long numBytes = Files.size(file);
    if (numBytes > MAX_BYTES) {
      throw new IOException(
          String.format(
              Locale.ROOT,
              "%s has %d bytes; expected at most %d. This is no index of safetensors",
              file,
              numBytes,
              MAX_BYTES));
    }
    JsonNode root;
    try {
      root = JSON.readTree(Files.readAllBytes(file));
    } catch (JsonProcessingException e) {
      throw new IOException(
          "%s is no JSON: %s. Copy or download it again"
              .formatted(file, HeaderParser.shown(e.getOriginalMessage())),
          e);
    }
    if (!root.path(WEIGHT_MAP).isObject()) {
      throw new IOException(
          "%s has no object %s; expected tensor names and the files that hold them. Copy or"
                  .formatted(file, WEIGHT_MAP)
              + " download it again");
    }
    Map<String, String> weightMap = new LinkedHashMap<>();
    for (Map.Entry<String, JsonNode> entry : root.get(WEIGHT_MAP).properties()) {
      if (!entry.getValue().isTextual()) {
        throw new IOException(
            "%s: tensor %s lies in %s; expected the name of a file. Copy or download it again"
                .formatted(
                    file,
                    HeaderParser.shown(entry.getKey()),
                    HeaderParser.shown(entry.getValue().toString())));
      }
      weightMap.put(entry.getKey(), entry.getValue().textValue());
    }
    return new SafetensorsIndex(weightMap, root.path(METADATA).path(TOTAL_SIZE).asLong());
  }

  byte[] toBytes() throws IOException {
    ObjectNode root = JSON.createObjectNode();
    root.putObject(METADATA).put(TOTAL_SIZE, totalSize);
    ObjectNode map = root.putObject(WEIGHT_MAP);
    new TreeMap<>(weightMap).forEach(map::put);
    return JSON.writeValueAsBytes(root);
  }
}

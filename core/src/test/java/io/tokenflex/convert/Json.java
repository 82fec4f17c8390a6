package io.tokenflex.convert;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.function.Consumer;

/** JSON files of test folders. */
final class Json {
  private static final ObjectMapper MAPPER = new ObjectMapper();

  private Json() {}

  static ObjectNode read(Path file) throws IOException {
    return (ObjectNode) MAPPER.readTree(Files.readAllBytes(file));
  }

  static void change(Path file, Consumer<ObjectNode> change) throws IOException {
    ObjectNode json = read(file);
    change.accept(json);
    Files.write(file, MAPPER.writeValueAsBytes(json));
  }
}

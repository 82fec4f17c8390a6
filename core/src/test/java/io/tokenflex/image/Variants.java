package io.tokenflex.image;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.zip.GZIPInputStream;
import java.util.zip.ZipEntry;
import java.util.zip.ZipInputStream;

/** The files that {@code tools/golden/image_variants.py} makes. */
final class Variants {
  private static final Map<String, byte[]> FILES = unzipped();

  private Variants() {}

  /**
   * A file and what is expected of it.
   *
   * @param expected a PNG of the pixels; empty if it is to be refused
   * @param tolerance levels by which a decoder may differ
   */
  @SuppressWarnings("ArrayRecordComponent") // never compared as a record
  record Variant(String name, byte[] file, Optional<byte[]> expected, int tolerance) {}

  /** Those of a kind, such as {@code jpeg}. */
  static List<Variant> ofKind(String kind) {
    List<Variant> variants = new ArrayList<>();
    try {
      for (JsonNode entry : new ObjectMapper().readTree(FILES.get("manifest.json")).get("files")) {
        String name = entry.get("name").asText();
        if (name.startsWith(kind + "/")) {
          String expected = entry.path("decided").asText(entry.get("pillow").asText());
          variants.add(
              new Variant(
                  name,
                  FILES.get(name),
                  Optional.ofNullable(FILES.get(expected)),
                  entry.get("tolerance").asInt()));
        }
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return variants;
  }

  private static Map<String, byte[]> unzipped() {
    Map<String, byte[]> entries = new HashMap<>();
    try (ZipInputStream zip =
        new ZipInputStream(
            new GZIPInputStream(new ByteArrayInputStream(Goldens.file("variants.zip.gz"))))) {
      for (ZipEntry entry = zip.getNextEntry(); entry != null; entry = zip.getNextEntry()) {
        entries.put(entry.getName(), zip.readAllBytes());
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return entries;
  }
}

package io.tokenflex.safetensors;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonParser.NumberType;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.JsonToken;
import io.tokenflex.safetensors.TensorInfo.ElementType;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.CharBuffer;
import java.nio.charset.CharsetDecoder;
import java.nio.charset.CoderResult;
import java.nio.charset.CodingErrorAction;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;

/**
 * Parses the JSON of a safetensors header as a stream. Unexpected content is rejected immediately,
 * so a malicious header cannot exhaust memory by its depth or length.
 */
final class HeaderParser {
  private static final String METADATA = "__metadata__";

  /** Maximum number of dimensions, as in PyTorch's iterators; bounds the memory for a shape. */
  private static final int MAX_SIDES = 64;

  private static final int MAX_SHOWN = 80;

  // Names are untrusted: interning would keep them in memory forever, and Jackson's symbol table
  // fails on many hash collisions.
  private static final JsonFactory JSON =
      JsonFactory.builder()
          .disable(JsonFactory.Feature.INTERN_FIELD_NAMES)
          .disable(JsonFactory.Feature.CANONICALIZE_FIELD_NAMES)
          .build();

  private final JsonParser parser;
  private final String place;

  private HeaderParser(JsonParser parser, String place) {
    this.parser = parser;
    this.place = place;
  }

  /** The tensors in the order of the header. */
  static List<TensorInfo> parse(byte[] json, String place) throws IOException {
    String text = decode(json, place);
    if (text.charAt(0) != '{') {
      throw SafetensorsHeader.damaged(
          place,
          "the header begins with '%s'; expected '{'".formatted(shown(text.substring(0, 1))));
    }
    try (JsonParser parser = JSON.createParser(text)) {
      parser.nextToken();
      return new HeaderParser(parser, place).parseTensors();
    } catch (JsonProcessingException e) {
      IOException damaged =
          SafetensorsHeader.damaged(
              place, "the header is no JSON: " + shown(e.getOriginalMessage()));
      damaged.initCause(e);
      throw damaged;
    }
  }

  private static String decode(byte[] json, String place) throws IOException {
    CharsetDecoder decoder =
        UTF_8
            .newDecoder()
            .onMalformedInput(CodingErrorAction.REPORT)
            .onUnmappableCharacter(CodingErrorAction.REPORT);
    ByteBuffer bytes = ByteBuffer.wrap(json);
    CharBuffer chars = CharBuffer.allocate(json.length); // a char takes at least one byte
    CoderResult result = decoder.decode(bytes, chars, true);
    if (result.isError()) {
      throw SafetensorsHeader.damaged(
          place,
          String.format(
              Locale.ROOT,
              "byte %d of the header is 0x%02x, which is no UTF-8",
              bytes.position(),
              json[bytes.position()]));
    }
    return chars.flip().toString();
  }

  private List<TensorInfo> parseTensors() throws IOException {
    List<TensorInfo> tensors = new ArrayList<>();
    Set<String> names = new HashSet<>();
    while (parser.nextToken() != JsonToken.END_OBJECT) {
      String name = parser.currentName();
      if (!names.add(name)) {
        throw refused("the name %s comes twice".formatted(shown(name)));
      }
      parser.nextToken();
      if (name.equals(METADATA)) {
        checkMetadata();
      } else {
        tensors.add(parseTensor(name));
      }
    }
    if (parser.nextToken() != null) {
      throw refused("the header goes on after its closing brace; expected spaces only");
    }
    return tensors;
  }

  private void checkMetadata() throws IOException {
    expect(JsonToken.START_OBJECT, METADATA, "an object of strings");
    Set<String> keys = new HashSet<>();
    while (parser.nextToken() != JsonToken.END_OBJECT) {
      String key = parser.currentName();
      if (!keys.add(key)) {
        throw refused("%s: %s comes twice".formatted(METADATA, shown(key)));
      }
      parser.nextToken();
      expect(JsonToken.VALUE_STRING, METADATA + ": " + shown(key), "a string");
    }
  }

  private TensorInfo parseTensor(String name) throws IOException {
    String tensor = "tensor " + shown(name);
    expect(JsonToken.START_OBJECT, tensor, "an object of dtype, shape and data_offsets");
    ElementType type = null;
    List<Long> shape = null;
    List<Long> offsets = null;
    while (parser.nextToken() != JsonToken.END_OBJECT) {
      String key = parser.currentName();
      parser.nextToken();
      if (key.equals("dtype") && type == null) {
        type = parseType(tensor);
      } else if (key.equals("shape") && shape == null) {
        shape = parseNumbers(tensor + ": shape", MAX_SIDES);
      } else if (key.equals("data_offsets") && offsets == null) {
        offsets = parseNumbers(tensor + ": data_offsets", 2);
      } else {
        throw refused(
            "%s has the key %s; expected dtype, shape and data_offsets, once each"
                .formatted(tensor, shown(key)));
      }
    }
    if (type == null || shape == null || offsets == null || offsets.size() != 2) {
      throw refused(
          "%s has dtype %s, shape %s and data_offsets %s; expected all three, with two offsets"
              .formatted(tensor, type, shape, offsets));
    }
    try {
      return new TensorInfo(name, type, shape, offsets.get(0), offsets.get(1));
    } catch (IllegalArgumentException e) {
      throw refused(e.getMessage());
    }
  }

  private ElementType parseType(String tensor) throws IOException {
    expect(JsonToken.VALUE_STRING, tensor + ": dtype", "a string");
    String name = parser.getText();
    return Arrays.stream(ElementType.values())
        .filter(type -> type.name().equals(name))
        .findFirst()
        .orElseThrow(
            () ->
                refused(
                    "%s has the dtype %s; expected one of %s"
                        .formatted(tensor, shown(name), List.of(ElementType.values()))));
  }

  private List<Long> parseNumbers(String what, int max) throws IOException {
    expect(JsonToken.START_ARRAY, what, "a list of whole numbers");
    List<Long> numbers = new ArrayList<>();
    while (parser.nextToken() != JsonToken.END_ARRAY) {
      expect(JsonToken.VALUE_NUMBER_INT, what, "whole numbers");
      if (parser.getNumberType() == NumberType.BIG_INTEGER) {
        throw refused(
            String.format(
                Locale.ROOT,
                "%s holds %s; expected at most %d",
                what,
                shown(parser.getText()),
                Long.MAX_VALUE));
      } else if (numbers.size() == max) {
        throw refused(String.format(Locale.ROOT, "%s holds more than %d numbers", what, max));
      }
      numbers.add(parser.getLongValue());
    }
    return numbers;
  }

  private void expect(JsonToken expected, String what, String described) throws IOException {
    JsonToken actual = parser.currentToken();
    if (actual != expected) {
      throw refused(
          "%s is or holds %s; expected %s".formatted(what, shown(parser.getText()), described));
    }
  }

  private IOException refused(String what) {
    return SafetensorsHeader.damaged(place, what);
  }

  /** A name from the file, escaped and shortened for a message. */
  static String shown(String text) {
    String start = text.length() <= MAX_SHOWN ? text : text.substring(0, MAX_SHOWN) + "...";
    return start.replaceAll("\\p{Cntrl}", "?");
  }
}

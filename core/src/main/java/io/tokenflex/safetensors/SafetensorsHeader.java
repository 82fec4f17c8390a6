package io.tokenflex.safetensors;

import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;

/**
 * The validated header of a safetensors file: 8 bytes little-endian length, then JSON.
 *
 * @param tensors in data order; they cover the data without gap or overlap
 * @param numBytes size of length and JSON, which is the offset of the data
 */
record SafetensorsHeader(List<TensorInfo> tensors, long numBytes) {
  /** Limit of the reference implementation (MAX_HEADER_SIZE in huggingface/safetensors). */
  static final long MAX_JSON_BYTES = 100_000_000;

  private static final long UNKNOWN = -1;

  SafetensorsHeader {
    tensors = List.copyOf(tensors);
  }

  long dataBytes() {
    return tensors.isEmpty() ? 0 : tensors.get(tensors.size() - 1).end();
  }

  /** Reads the header of a stream of unknown length. */
  static SafetensorsHeader read(InputStream in, String place) throws IOException {
    return readAny(in, place, UNKNOWN);
  }

  /** Reads the header of a file; the data must end at the end of the file. */
  static SafetensorsHeader read(InputStream in, String place, long fileBytes) throws IOException {
    SafetensorsHeader header = readAny(in, place, fileBytes);
    long dataBytes = fileBytes - header.numBytes();
    if (dataBytes < header.dataBytes()) {
      throw truncated(place, "the data", dataBytes, header.dataBytes());
    } else if (dataBytes > header.dataBytes()) {
      throw trailing(place, Long.toString(dataBytes - header.dataBytes()), header.dataBytes());
    }
    return header;
  }

  private static SafetensorsHeader readAny(InputStream in, String place, long fileBytes)
      throws IOException {
    byte[] lengthBytes = in.readNBytes(Long.BYTES);
    if (lengthBytes.length < Long.BYTES) {
      throw truncated(place, "the header's length", lengthBytes.length, Long.BYTES);
    }
    long length = ByteBuffer.wrap(lengthBytes).order(ByteOrder.LITTLE_ENDIAN).getLong();
    if (length < 2 || length > MAX_JSON_BYTES) {
      throw damaged(
          place,
          String.format(
              Locale.ROOT,
              "header of %s bytes; expected 2 to %d",
              Long.toUnsignedString(length),
              MAX_JSON_BYTES));
    } else if (fileBytes != UNKNOWN && length > fileBytes - Long.BYTES) {
      throw truncated(place, "the header", fileBytes - Long.BYTES, length);
    }
    byte[] json = in.readNBytes((int) length); // allocates only what arrives
    if (json.length < length) {
      throw truncated(place, "the header", json.length, length);
    }
    List<TensorInfo> tensors = new ArrayList<>(HeaderParser.parse(json, place));
    tensors.sort(Comparator.comparingLong(TensorInfo::begin).thenComparingLong(TensorInfo::end));
    checkEndToEnd(tensors, place);
    return new SafetensorsHeader(tensors, Long.BYTES + length);
  }

  private static void checkEndToEnd(List<TensorInfo> tensors, String place) throws IOException {
    long expected = 0;
    String before = "where the data begins";
    for (TensorInfo tensor : tensors) {
      if (tensor.begin() != expected) {
        throw damaged(
            place,
            String.format(
                Locale.ROOT,
                "tensor %s begins at %d; expected %d, %s: %s",
                HeaderParser.shown(tensor.name()),
                tensor.begin(),
                expected,
                before,
                tensor.begin() < expected ? "they overlap" : "there is a gap"));
      }
      expected = tensor.end();
      before = "where tensor " + HeaderParser.shown(tensor.name()) + " ends";
    }
  }

  static IOException damaged(String place, String what) {
    return new IOException(
        "%s: %s. The file is damaged or no safetensors; copy or download it again"
            .formatted(place, what));
  }

  static EOFException truncated(String place, String inside, long actual, long expected) {
    return new EOFException(
        String.format(
            Locale.ROOT,
            "%s: ends inside %s (%d of %d bytes). The file is truncated; copy or download it again",
            place,
            inside,
            actual,
            expected));
  }

  static IOException trailing(String place, String numBytes, long dataBytes) {
    return damaged(
        place,
        String.format(
            Locale.ROOT,
            "%s bytes follow the last tensor; expected the end after %d bytes of data",
            numBytes,
            dataBytes));
  }
}

package io.tokenflex.dataprep.source;

import io.tokenflex.dataprep.record.RecordRejectedException;
import io.tokenflex.dataprep.record.RejectReason;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;

/** Decodes UTF-8 strictly: invalid bytes are rejected, not replaced. */
final class Utf8 {
  /** Replacement character; may also be part of a valid text. */
  private static final char REPLACEMENT = '\uFFFD';

  private Utf8() {}

  /**
   * Decodes a text.
   *
   * @param what name of the text, for messages
   */
  static String decode(String what, byte[] bytes) throws RecordRejectedException {
    String text = new String(bytes, StandardCharsets.UTF_8);
    if (text.indexOf(REPLACEMENT) < 0) {
      return text;
    }
    try {
      return StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(bytes)).toString();
    } catch (CharacterCodingException e) {
      throw new RecordRejectedException(
          RejectReason.INVALID_TEXT,
          what + " is not UTF-8; convert it",
          new String(bytes, 0, Math.min(bytes.length, 1000), StandardCharsets.UTF_8));
    }
  }
}

package io.tokenflex.dataprep.source;

import io.tokenflex.dataprep.record.RecordRejectedException;
import io.tokenflex.dataprep.record.RejectReason;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;

/** Decodes texts, and refuses what is not UTF-8 rather than replace it by question marks. */
final class Utf8 {
  /** What stands for bytes that are no character; a text may hold it too. */
  private static final char REPLACEMENT = '\uFFFD';

  private Utf8() {}

  /**
   * Decodes a text.
   *
   * @param what the text's name, for messages
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

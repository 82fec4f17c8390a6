package io.tokenflex.dataprep.source;

import com.fasterxml.jackson.databind.JsonNode;
import io.tokenflex.dataprep.record.RecordRejectedException;
import java.nio.charset.StandardCharsets;

/**
 * An unparsed record of a JSON file.
 *
 * @param position index of the record in the file, from 0
 * @param offset byte offset of the record in the file
 */
record RawRecord(long position, long offset, RawChunk chunk) {
  private static final int SAMPLE_BYTES = 1000;

  JsonNode json() throws RecordRejectedException {
    return JsonText.parse(chunk, offset);
  }

  /** The start of the record, for the rejects table. */
  String start() {
    byte[] bytes = chunk.toBytes();
    return new String(bytes, 0, Math.min(bytes.length, SAMPLE_BYTES), StandardCharsets.UTF_8);
  }
}

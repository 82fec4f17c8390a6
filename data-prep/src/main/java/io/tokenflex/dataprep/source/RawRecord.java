package io.tokenflex.dataprep.source;

import com.fasterxml.jackson.databind.JsonNode;
import io.tokenflex.dataprep.record.RecordRejectedException;
import java.nio.charset.StandardCharsets;

/**
 * One record as it was cut out of a JSON file, not yet understood.
 *
 * @param position place in the input file, counted from 0 over all records
 * @param offset where it starts in the file
 */
record RawRecord(long position, long offset, RawChunk chunk) {
  private static final int SAMPLE_BYTES = 1000;

  JsonNode json() throws RecordRejectedException {
    return JsonText.parse(chunk, offset);
  }

  /** How it begins, for rejects. */
  String start() {
    byte[] bytes = chunk.toBytes();
    return new String(bytes, 0, Math.min(bytes.length, SAMPLE_BYTES), StandardCharsets.UTF_8);
  }
}

package io.tokenflex.dataprep.source;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.MissingNode;

/**
 * One record as read, not yet understood.
 *
 * @param position place in the input file, counted from 0 over all records
 * @param json the record; missing if its line is not JSON
 * @param text the line if it is not JSON, else empty
 * @param syntaxError why the line is not JSON, else empty
 */
record RawRecord(long position, JsonNode json, String text, String syntaxError) {
  static RawRecord of(long position, JsonNode json) {
    return new RawRecord(position, json, "", "");
  }

  static RawRecord ofMalformedLine(long position, String line, String syntaxError) {
    return new RawRecord(position, MissingNode.getInstance(), line, syntaxError);
  }
}

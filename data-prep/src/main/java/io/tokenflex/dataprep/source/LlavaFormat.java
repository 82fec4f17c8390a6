package io.tokenflex.dataprep.source;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.tokenflex.dataprep.record.RecordRejectedException;
import java.io.IOException;
import java.util.List;

/**
 * One JSON array, or one JSON record per line: LLaVA's training data, and records with the same
 * fields as tables.
 */
final class LlavaFormat implements SourceFormat {
  private static final long serialVersionUID = 1;

  @Override
  public String name() {
    return "llava";
  }

  @Override
  public boolean recognises(String fileName, byte[] head) {
    if (fileName.endsWith(".jsonl")) {
      return true;
    }
    return fileName.endsWith(".json")
        && (JsonText.isOtherUnicode(head) // accepted here, so that reading reports the encoding
            || JsonRecords.isArray(head)
            || JsonRecords.startsWithObjectLine(head));
  }

  @Override
  public List<SourceSplit> plan(SourceFile file, SourceOptions options) throws IOException {
    return new JsonRecords(file).plan();
  }

  @Override
  public void read(SourceFile file, SourceSplit split, SourceOptions options, RecordSink sink)
      throws IOException {
    new JsonRecords(file).read(split, raw -> sink.accept(parse(raw, options)));
  }

  private static ReadRecord parse(RawRecord raw, SourceOptions options) {
    String id = "";
    try {
      ObjectNode json = LlavaParser.object(raw);
      id = RecordFields.id(json, options);
      return new ReadRecord.Parsed(raw.position(), LlavaParser.parse(json, options));
    } catch (RecordRejectedException e) {
      return ReadRecord.Malformed.of(raw.position(), id, e);
    }
  }
}

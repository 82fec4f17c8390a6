package io.tokenflex.dataprep.source;

import io.tokenflex.dataprep.record.RecordRejectedException;
import java.io.IOException;
import java.util.List;

/** LLaVA's training data: one JSON array, or one JSON record a line. */
final class LlavaFormat implements SourceFormat {
  private static final long serialVersionUID = 1;

  @Override
  public String name() {
    return "llava";
  }

  @Override
  public boolean recognises(String fileName, byte[] head) {
    return (fileName.endsWith(".json") && JsonRecords.firstCharacter(head) == '[')
        || (fileName.endsWith(".jsonl") && JsonRecords.firstCharacter(head) == '{');
  }

  @Override
  public List<SourceSplit> plan(SourceFile file, SourceOptions options) throws IOException {
    return new JsonRecords(file).plan();
  }

  @Override
  public void read(SourceFile file, SourceSplit split, SourceOptions options, RecordSink sink)
      throws IOException {
    for (RawRecord raw : new JsonRecords(file).read(split)) {
      sink.accept(parse(raw, options));
    }
  }

  private static ReadRecord parse(RawRecord raw, SourceOptions options) {
    try {
      return new ReadRecord.Parsed(raw.position(), LlavaParser.parse(raw, options));
    } catch (RecordRejectedException e) {
      return ReadRecord.Malformed.of(raw.position(), LlavaParser.idOrEmpty(raw), e);
    }
  }
}

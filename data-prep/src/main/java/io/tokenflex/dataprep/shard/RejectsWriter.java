package io.tokenflex.dataprep.shard;

import io.tokenflex.dataprep.record.CheckedRecord.Rejected;
import java.io.Closeable;
import java.io.IOException;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.Path;

/** Writes the rejects table. */
public final class RejectsWriter implements Closeable {
  private static final int ROWS_PER_ROW_GROUP = 100_000;

  private final RowGroupWriter<Rejected> writer;

  /** Creates the file, which must not exist. */
  public RejectsWriter(FileSystem fileSystem, Path path) throws IOException {
    this.writer =
        new RowGroupWriter<>(
            new DigestOutputFile(fileSystem, path), new RejectWriting(), ROWS_PER_ROW_GROUP);
  }

  public void write(Rejected rejected) throws IOException {
    writer.write(rejected);
  }

  /** Completes the file. */
  public void finish() throws IOException {
    writer.finish();
  }

  @Override
  public void close() throws IOException {
    writer.close();
  }

  private static final class RejectWriting extends RecordWriting<Rejected> {
    RejectWriting() {
      super(ShardSchema.REJECT);
    }

    @Override
    void writeFields(Rejected rejected) {
      text(ShardSchema.REJECT, "id", rejected.id());
      text(ShardSchema.REJECT, ShardSchema.REASON, rejected.reason().name());
      text(ShardSchema.REJECT, "detail", rejected.detail());
      text(ShardSchema.REJECT, "sourceFile", rejected.sourceFile());
      int64(ShardSchema.REJECT, "position", rejected.place().position());
      text(ShardSchema.REJECT, "valueSample", rejected.valueSample());
      int64(ShardSchema.REJECT, ShardSchema.RECORDS, rejected.lost().records());
    }
  }
}

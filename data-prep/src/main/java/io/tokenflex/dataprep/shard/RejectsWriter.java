package io.tokenflex.dataprep.shard;

import io.tokenflex.dataprep.validate.CheckedRecord.Rejected;
import java.io.Closeable;
import java.io.IOException;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.Path;
import org.apache.parquet.hadoop.ParquetWriter;

/** Writes the rejects table. */
public final class RejectsWriter implements Closeable {
  private static final int ROWS_PER_ROW_GROUP = 100_000;

  private final ParquetWriter<Rejected> writer;

  /** Creates the file, which must not exist. */
  public RejectsWriter(FileSystem fileSystem, Path path, Configuration configuration)
      throws IOException {
    this.writer =
        ParquetFileWriting.open(
            new DigestOutputFile(fileSystem, path),
            new RejectWriting(),
            ROWS_PER_ROW_GROUP,
            configuration);
  }

  public void write(Rejected rejected) throws IOException {
    writer.write(rejected);
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
      text(ShardSchema.REJECT, "reason", rejected.reason().name());
      text(ShardSchema.REJECT, "detail", rejected.detail());
      text(ShardSchema.REJECT, "sourceFile", rejected.sourceFile());
      int64(ShardSchema.REJECT, "position", rejected.position());
      text(ShardSchema.REJECT, "valueSample", rejected.valueSample());
    }
  }
}

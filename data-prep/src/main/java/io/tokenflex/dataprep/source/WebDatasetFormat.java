package io.tokenflex.dataprep.source;

import io.tokenflex.dataprep.record.LostPart;
import io.tokenflex.dataprep.record.RecordRejectedException;
import io.tokenflex.dataprep.record.RejectReason;
import java.io.IOException;
import java.util.List;
import java.util.Optional;
import org.apache.commons.compress.archivers.tar.TarArchiveInputStream;

/**
 * WebDataset's tar shards, plain or gzipped: consecutive members with the same key form a sample. A
 * tar file has no index, so it is a single split.
 */
final class WebDatasetFormat implements SourceFormat {
  private static final long serialVersionUID = 1;

  @Override
  public String name() {
    return "webdataset";
  }

  @Override
  public boolean recognises(String fileName, byte[] head) {
    return TarArchiveInputStream.matches(head, head.length)
        || fileName.endsWith(".tar")
        || fileName.endsWith(".tar.gz")
        || fileName.endsWith(".tgz");
  }

  @Override
  public List<SourceSplit> plan(SourceFile file, SourceOptions options) {
    return List.of(new SourceSplit(0, 0, SourceSplit.UNKNOWN));
  }

  @Override
  public void read(SourceFile file, SourceSplit split, SourceOptions options, RecordSink sink)
      throws IOException {
    try (WatchedStream storage = new WatchedStream(file.open());
        TarSamples samples = new TarSamples(storage, options)) {
      boolean isAtEnd = false;
      for (long position = 0; !isAtEnd; position++) {
        Optional<TarSample> sample;
        try {
          sample = samples.next();
        } catch (IOException | RuntimeException e) {
          storage.throwIfStorageFailed();
          sink.accept(rest(position, samples, e));
          return;
        }
        isAtEnd = sample.isEmpty();
        if (!isAtEnd) {
          sink.accept(sample.get().toRecord(position));
        }
      }
    }
  }

  private static ReadRecord rest(long position, TarSamples samples, Exception damage) {
    return ReadRecord.Malformed.ofPart(
        position,
        LostPart.FILE,
        new RecordRejectedException(
            RejectReason.UNREADABLE_FILE,
            "The archive is damaged or cut off after member '%s': %s"
                .formatted(samples.lastMember(), damage.getMessage()),
            samples.lastMember()));
  }
}

package io.tokenflex.dataprep.shard;

import static io.tokenflex.dataprep.shard.ShardSchema.BYTES;
import static io.tokenflex.dataprep.shard.ShardSchema.CONVERSATION;
import static io.tokenflex.dataprep.shard.ShardSchema.ELEMENT;
import static io.tokenflex.dataprep.shard.ShardSchema.ID;
import static io.tokenflex.dataprep.shard.ShardSchema.IMAGES;
import static io.tokenflex.dataprep.shard.ShardSchema.LIST;
import static io.tokenflex.dataprep.shard.ShardSchema.SHA256;
import static io.tokenflex.dataprep.shard.ShardSchema.TEXT;

import io.tokenflex.dataprep.dataset.DatasetLayout;
import io.tokenflex.dataprep.dataset.Manifest;
import io.tokenflex.digest.Digests;
import io.tokenflex.samples.Sample;
import java.io.FileNotFoundException;
import java.io.IOException;
import java.io.InputStream;
import java.security.MessageDigest;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.FileStatus;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.Path;
import org.apache.parquet.HadoopReadOptions;
import org.apache.parquet.ParquetRuntimeException;
import org.apache.parquet.column.page.PageReadStore;
import org.apache.parquet.example.data.Group;
import org.apache.parquet.example.data.simple.convert.GroupRecordConverter;
import org.apache.parquet.hadoop.ParquetFileReader;
import org.apache.parquet.hadoop.metadata.BlockMetaData;
import org.apache.parquet.hadoop.util.HadoopInputFile;
import org.apache.parquet.io.ColumnIOFactory;
import org.apache.parquet.io.RecordReader;
import org.apache.parquet.schema.MessageType;
import org.apache.parquet.schema.Type;

/**
 * Reads files of a dataset completely and reports faults. Unlike a reader, it continues after a
 * fault where possible.
 */
public final class ShardCheck {
  private static final int BUFFER_BYTES = 1 << 20;

  private final FileSystem fileSystem;
  private final Configuration configuration;
  private final Findings findings;

  /** Receives the results of a check. */
  public interface Findings {
    /** A fault; {@code place} is within the file, empty for the file as a whole. */
    void fault(String place, String problem);

    /** A readable sample, intact or faulty. */
    void sample(String place, String id, int numImages);
  }

  public ShardCheck(FileSystem fileSystem, Configuration configuration, Findings findings) {
    this.fileSystem = fileSystem;
    this.configuration = configuration;
    this.findings = findings;
  }

  /**
   * Compares a shard with its manifest entry, and its samples with their digests and image marks.
   *
   * @param path the shard's file
   * @param rowsPerRowGroup rows of all row groups but the last, unless {@code stated} lists them
   */
  public void checkShard(Path path, Manifest.Shard stated, int rowsPerRowGroup) {
    Optional<FileStatus> status = existing(path);
    if (status.isEmpty()) {
      return;
    }
    if (status.get().getLen() != stated.bytes()) {
      findings.fault(
          "",
          String.format(
              Locale.ROOT,
              "the file has %d bytes but the manifest says %d; it is cut off or was replaced",
              status.get().getLen(),
              stated.bytes()));
    }
    checkDigest(path, stated.sha256());
    try (ParquetFileReader reader = open(status.get())) {
      checkFooter(reader);
      checkRowGroups(reader, stated, rowsPerRowGroup);
    } catch (IOException
        | RuntimeException e) { // Parquet throws unchecked exceptions for damaged files
      findings.fault("footer", "it cannot be read: " + e.getMessage());
    }
  }

  /**
   * Compares a rejects table with the counts in its manifest.
   *
   * @param stated rejected records by reason
   */
  public void checkRejects(Path path, Map<String, Long> stated) {
    Optional<FileStatus> status = existing(path);
    if (status.isEmpty()) {
      return;
    }
    Map<String, Long> found = new TreeMap<>();
    try (ParquetFileReader reader = open(status.get())) {
      checkFooter(reader);
      boolean hasRecords = reader.getFileMetaData().getSchema().containsField(ShardSchema.RECORDS);
      List<Type> columns = new ArrayList<>(List.of(ShardSchema.REJECT.getType(ShardSchema.REASON)));
      if (hasRecords) {
        columns.add(ShardSchema.REJECT.getType(ShardSchema.RECORDS));
      }
      MessageType counts = new MessageType("reject", columns);
      reader.setRequestedSchema(counts);
      for (int i = 0; i < reader.getRowGroups().size(); i++) {
        try (PageReadStore pages = reader.readRowGroup(i)) {
          RecordReader<Group> rows = rows(reader, pages, counts);
          for (long row = 0; row < pages.getRowCount(); row++) {
            Group reject = rows.read();
            long records = hasRecords ? reject.getLong(ShardSchema.RECORDS, 0) : 1;
            found.merge(reject.getString(ShardSchema.REASON, 0), records, Long::sum);
          }
        }
      }
    } catch (IOException
        | RuntimeException e) { // Parquet throws unchecked exceptions for damaged files
      findings.fault("", "it cannot be read: " + e.getMessage());
      return;
    }
    if (!found.equals(stated)) {
      findings.fault(
          "", "it holds %s but the manifest says %s".formatted(found, new TreeMap<>(stated)));
    }
  }

  private Optional<FileStatus> existing(Path path) {
    try {
      return Optional.of(fileSystem.getFileStatus(path));
    } catch (FileNotFoundException e) {
      findings.fault("", "there is no such file");
    } catch (IOException e) {
      findings.fault("", "it cannot be reached: " + e.getMessage());
    }
    return Optional.empty();
  }

  private void checkDigest(Path path, String stated) {
    MessageDigest digest = Digests.sha256();
    byte[] buffer = new byte[BUFFER_BYTES];
    try (InputStream stream = fileSystem.open(path)) {
      for (int count = stream.read(buffer); count >= 0; count = stream.read(buffer)) {
        digest.update(buffer, 0, count);
      }
    } catch (IOException e) {
      findings.fault("", "it cannot be read to its end: " + e.getMessage());
      return;
    }
    String found = Digests.hex(digest);
    if (!found.equals(stated)) {
      findings.fault("", "its sha256 is %s but the manifest says %s".formatted(found, stated));
    }
  }

  private ParquetFileReader open(FileStatus status) throws IOException {
    return ParquetFileReader.open(
        HadoopInputFile.fromStatus(status, configuration),
        HadoopReadOptions.builder(configuration).usePageChecksumVerification(true).build());
  }

  private void checkFooter(ParquetFileReader reader) {
    String version =
        reader.getFileMetaData().getKeyValueMetaData().get(DatasetLayout.FORMAT_VERSION_KEY);
    if (!DatasetLayout.isReadable(version)) {
      findings.fault(
          "footer",
          String.format(
              Locale.ROOT,
              "%s is %s but this program reads %s",
              DatasetLayout.FORMAT_VERSION_KEY,
              version,
              DatasetLayout.readableVersions()));
    }
  }

  private void checkRowGroups(ParquetFileReader reader, Manifest.Shard stated, int rowsPerRowGroup)
      throws IOException {
    int numRowGroups = reader.getRowGroups().size();
    if (numRowGroups != stated.rowGroups()) {
      findings.fault(
          "footer",
          String.format(
              Locale.ROOT,
              "it has %d row groups but the manifest says %d",
              numRowGroups,
              stated.rowGroups()));
    }
    if (reader.getRecordCount() != stated.rows()) {
      findings.fault(
          "footer",
          String.format(
              Locale.ROOT,
              "it has %d rows but the manifest says %d",
              reader.getRecordCount(),
              stated.rows()));
    }
    reader.setRequestedSchema(ShardSchema.SAMPLE);
    ImageTally images = new ImageTally();
    for (int i = 0; i < numRowGroups; i++) {
      BlockMetaData rowGroup = reader.getRowGroups().get(i);
      long expected = i < stated.rowGroups() ? stated.rowsOf(i, rowsPerRowGroup) : 0;
      if (rowGroup.getRowCount() != expected) {
        findings.fault(
            "row group " + i,
            String.format(
                Locale.ROOT, "it has %d rows, expected %d", rowGroup.getRowCount(), expected));
      }
      readRowGroup(reader, i, images);
    }
    if (images.isComplete && images.count != stated.images()) {
      findings.fault(
          "",
          String.format(
              Locale.ROOT,
              "it has %d images but the manifest says %d",
              images.count,
              stated.images()));
    }
  }

  private void readRowGroup(ParquetFileReader reader, int rowGroup, ImageTally images) {
    int row = 0;
    try (PageReadStore pages = reader.readRowGroup(rowGroup)) {
      RecordReader<Group> rows = rows(reader, pages, ShardSchema.SAMPLE);
      for (; row < pages.getRowCount(); row++) {
        images.count +=
            checkSample(
                String.format(Locale.ROOT, "row group %d, row %d", rowGroup, row), rows.read());
      }
    } catch (IOException | ParquetRuntimeException | IllegalArgumentException e) {
      images.isComplete = false;
      findings.fault(String.format(Locale.ROOT, "row group %d, row %d", rowGroup, row), message(e));
    }
  }

  private static String message(Exception failure) {
    Throwable root = failure;
    while (root.getCause() != null) {
      root = root.getCause();
    }
    return "it cannot be read: " + root.getMessage();
  }

  private static RecordReader<Group> rows(
      ParquetFileReader reader, PageReadStore pages, MessageType schema) {
    return new ColumnIOFactory(reader.getFileMetaData().getCreatedBy())
        .getColumnIO(schema, reader.getFileMetaData().getSchema())
        .getRecordReader(pages, new GroupRecordConverter(schema));
  }

  /** Checks one sample; returns its number of images. */
  private int checkSample(String place, Group sample) {
    String id = sample.getString(ID, 0);
    String named = "%s, sample %s".formatted(place, id);
    Group images = sample.getGroup(IMAGES, 0);
    int numImages = images.getFieldRepetitionCount(LIST);
    for (int i = 0; i < numImages; i++) {
      Group image = images.getGroup(LIST, i).getGroup(ELEMENT, 0);
      String stated = image.getString(SHA256, 0);
      String found = Digests.sha256Hex(image.getBinary(BYTES, 0).getBytesUnsafe());
      if (!found.equals(stated)) {
        findings.fault(
            named,
            String.format(
                Locale.ROOT, "the sha256 of image %d is %s, expected %s", i, found, stated));
      }
    }
    Group conversation = sample.getGroup(CONVERSATION, 0);
    int numMarks = 0;
    for (int i = 0; i < conversation.getFieldRepetitionCount(LIST); i++) {
      Group turn = conversation.getGroup(LIST, i).getGroup(ELEMENT, 0);
      numMarks += Sample.countImageMarks(turn.getString(TEXT, 0));
    }
    if (numMarks != numImages) {
      findings.fault(
          named,
          String.format(
              Locale.ROOT, "%d images but %d %s marks", numImages, numMarks, Sample.IMAGE_MARK));
    }
    findings.sample(place, id, numImages);
    return numImages;
  }

  private static final class ImageTally {
    private long count;
    private boolean isComplete = true;
  }
}

package io.tokenflex.dataprep.source;

import static org.assertj.core.api.Assertions.assertThat;

import io.tokenflex.dataprep.record.RejectReason;
import io.tokenflex.dataprep.record.SourceImage;
import io.tokenflex.dataprep.record.SourceRecord;
import io.tokenflex.digest.Digests;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.ObjectInputStream;
import java.io.ObjectOutputStream;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.FileSystem;

/** Reads files as tasks do, and checks on the way what every format promises. */
final class SourceReading {
  static final SourceOptions OPTIONS = new SourceOptions("Describe the image.", Map.of());
  static final SourceOptions TEXT_ONLY = OPTIONS.withTextOnly(true);

  // One for all: each new one reads its XML files anew.
  private static final Configuration HADOOP = new Configuration();

  private SourceReading() {}

  static SourceFile file(Path path) throws IOException {
    return new SourceFile(FileSystem.getLocal(HADOOP), new org.apache.hadoop.fs.Path(path.toUri()));
  }

  static List<ReadRecord> readAll(Path path) throws IOException {
    return readAll(path, OPTIONS);
  }

  /** All records, by the format that recognises the file. */
  static List<ReadRecord> readAll(Path path, SourceOptions options) throws IOException {
    SourceFile file = file(path);
    return readAll(SourceFormats.recognise(file), file, options);
  }

  static List<ReadRecord> readAll(SourceFormat format, SourceFile file, SourceOptions options)
      throws IOException {
    List<SourceSplit> splits = format.plan(file, options);
    List<ReadRecord> inOrder = new ArrayList<>();
    for (SourceSplit split : splits) {
      int before = inOrder.size();
      format.read(file, split, options, inOrder::add);
      if (split.numRecords() != SourceSplit.UNKNOWN) {
        assertThat(inOrder.size() - before)
            .as("records of %s", split)
            .isLessThanOrEqualTo((int) split.numRecords());
      }
    }
    List<ReadRecord> backwards = new ArrayList<>();
    List<SourceSplit> reversed = new ArrayList<>(splits);
    Collections.reverse(reversed);
    for (SourceSplit split : reversed) {
      List<ReadRecord> records = new ArrayList<>();
      // Elsewhere: a task has its own copies of format and split.
      shipped(format).read(file, shipped(split), options, records::add);
      backwards.addAll(0, records);
    }
    assertThat(backwards.stream().map(SourceReading::describe))
        .as("splits of %s read backwards", file.path())
        .containsExactlyElementsOf(inOrder.stream().map(SourceReading::describe).toList());
    assertThat(inOrder.stream().map(ReadRecord::position))
        .as("positions in %s", file.path())
        .isSorted()
        .doesNotHaveDuplicates();
    return inOrder;
  }

  /** What a record holds, as expected.json writes it. */
  static Map<String, Object> describe(SourceRecord record) {
    Map<String, Object> description = new TreeMap<>();
    description.put("id", record.id());
    description.put("images", record.images().stream().map(SourceReading::describe).toList());
    description.put(
        "conversation",
        record.conversation().stream()
            .map(turn -> List.of(turn.role().wireName(), turn.text()))
            .toList());
    description.put("metadata", new TreeMap<>(record.metadata()));
    return description;
  }

  static Map<String, Object> describe(ReadRecord record) {
    if (record instanceof ReadRecord.Parsed parsed) {
      return describe(parsed.record());
    }
    return Map.of("malformed", record.toString());
  }

  static SourceRecord parsed(ReadRecord record) {
    assertThat(record).isInstanceOf(ReadRecord.Parsed.class);
    return ((ReadRecord.Parsed) record).record();
  }

  static List<String> parsedIds(List<ReadRecord> records) {
    return records.stream()
        .filter(ReadRecord.Parsed.class::isInstance)
        .map(record -> parsed(record).id())
        .toList();
  }

  static ReadRecord.Malformed malformed(ReadRecord record, RejectReason reason) {
    assertThat(record).isInstanceOf(ReadRecord.Malformed.class);
    ReadRecord.Malformed malformed = (ReadRecord.Malformed) record;
    assertThat(malformed.reason()).as(malformed.detail()).isEqualTo(reason);
    assertThat(malformed.detail()).isNotBlank();
    assertThat(malformed.valueSample()).hasSizeLessThanOrEqualTo(200);
    return malformed;
  }

  private static String describe(SourceImage image) {
    if (image instanceof SourceImage.Embedded embedded) {
      return "sha256:" + Digests.sha256Hex(embedded.bytes());
    }
    return "name:" + image.name();
  }

  @SuppressWarnings("unchecked")
  private static <T> T shipped(T object) throws IOException {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    try (ObjectOutputStream out = new ObjectOutputStream(bytes)) {
      out.writeObject(object);
    }
    try (ObjectInputStream in =
        new ObjectInputStream(new ByteArrayInputStream(bytes.toByteArray()))) {
      return (T) in.readObject();
    } catch (ClassNotFoundException e) {
      throw new IllegalStateException(e);
    }
  }
}

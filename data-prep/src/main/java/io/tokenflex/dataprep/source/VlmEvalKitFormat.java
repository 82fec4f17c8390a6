package io.tokenflex.dataprep.source;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.tokenflex.dataprep.record.LostPart;
import io.tokenflex.dataprep.record.RecordRejectedException;
import io.tokenflex.dataprep.record.RejectReason;
import io.tokenflex.failure.InvalidInputException;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * VLMEvalKit's benchmark tables: multiple-choice questions with base64 images in the table. A row
 * may refer to the image of another row by index; {@link #plan} resolves these references.
 */
final class VlmEvalKitFormat implements SourceFormat {
  private static final long serialVersionUID = 1;
  private static final char SEPARATOR = '\t';

  /** As in VLMEvalKit, an image value up to this length is the index of another row. */
  static final int MAX_INDEX_CHARS = 64;

  private static final String NO_OTHER_ROW = "";

  @Override
  public String name() {
    return "vlmevalkit";
  }

  @Override
  public boolean recognises(String fileName, byte[] head) {
    List<String> columns = DelimitedFormat.columns(head, SEPARATOR);
    return columns.contains(VlmEvalKitRow.INDEX)
        && columns.contains(VlmEvalKitRow.QUESTION)
        && (columns.contains(VlmEvalKitRow.IMAGE) || columns.contains(VlmEvalKitRow.IMAGE_PATH));
  }

  @Override
  public List<SourceSplit> plan(SourceFile file, SourceOptions options) throws IOException {
    DelimitedFile table = DelimitedFile.open(file, SEPARATOR);
    if (!table.columns().containsAll(VlmEvalKitRow.REQUIRED)) {
      throw new InvalidInputException(
          "%s has the columns %s; expected %s among them: VLMEvalKit names them so"
              .formatted(
                  file.path(),
                  String.join(", ", table.columns()),
                  String.join(", ", VlmEvalKitRow.REQUIRED)));
    }
    int indexColumn = table.columns().indexOf(VlmEvalKitRow.INDEX);
    int imageColumn = table.columns().indexOf(VlmEvalKitRow.IMAGE);
    Map<String, Long> offsetsOfImages = new HashMap<>();
    List<PlannedRow> rows = new ArrayList<>();
    table.walk(
        QuoteEscape.DOUBLED,
        MAX_INDEX_CHARS + 1,
        record -> {
          String index = text(record.fields(), indexColumn);
          String image = text(record.fields(), imageColumn);
          if (image.length() > MAX_INDEX_CHARS) {
            offsetsOfImages.put(index, record.recordOffset());
            rows.add(new PlannedRow(record.recordOffset(), NO_OTHER_ROW));
          } else {
            rows.add(new PlannedRow(record.recordOffset(), image));
          }
        });
    SplitCollector splits = new SplitCollector();
    for (PlannedRow row : rows) {
      boolean hasOther = !row.imageIndex().equals(NO_OTHER_ROW);
      Long offset = hasOther ? offsetsOfImages.get(row.imageIndex()) : null;
      splits.add(row.offset(), offset == null ? NO_OTHER_ROW : offset.toString());
    }
    return splits.finish();
  }

  /**
   * Byte offset of a row, and the index of the row that contains its image, if it is another one.
   */
  private record PlannedRow(long offset, String imageIndex) {}

  private static String text(List<byte[]> fields, int column) {
    boolean isThere = column >= 0 && column < fields.size();
    return isThere ? new String(fields.get(column), StandardCharsets.UTF_8) : "";
  }

  @Override
  public void read(SourceFile file, SourceSplit split, SourceOptions options, RecordSink sink)
      throws IOException {
    DelimitedFile table = DelimitedFile.open(file, SEPARATOR);
    SharedImage shared = new SharedImage(table);
    int[] number = {0};
    table.read(
        split,
        record -> {
          int i = number[0]++;
          String otherRow = split.imageNames().get(i);
          sink.accept(parse(file, table, split.firstPosition() + i, record, otherRow, shared));
        });
  }

  private static ReadRecord parse(
      SourceFile file,
      DelimitedFile table,
      long position,
      DelimitedReader record,
      String otherRow,
      SharedImage shared)
      throws IOException {
    String id = "";
    try {
      ObjectNode fields = table.fields(record);
      VlmEvalKitRow row = new VlmEvalKitRow(file.stem(), fields);
      id = row.id();
      if (!otherRow.equals(NO_OTHER_ROW)) {
        fields.put(VlmEvalKitRow.IMAGE, shared.at(Long.parseLong(otherRow)));
      }
      return new ReadRecord.Parsed(position, row.toRecord());
    } catch (RecordRejectedException e) {
      LostPart lost = DelimitedFile.lost(record);
      return lost.equals(LostPart.ONE_RECORD)
          ? ReadRecord.Malformed.of(position, id, e)
          : ReadRecord.Malformed.ofPart(position, lost, e);
    }
  }

  /** Reads the image of another row; cached, because consecutive rows often share it. */
  private static final class SharedImage {
    private final DelimitedFile table;
    private long offset = -1;
    private String image = "";

    SharedImage(DelimitedFile table) {
      this.table = table;
    }

    String at(long wantedOffset) throws IOException, RecordRejectedException {
      if (wantedOffset != offset) {
        image = "";
        List<ObjectNode> rows = new ArrayList<>();
        List<RecordRejectedException> refusals = new ArrayList<>();
        table.read(
            new SourceSplit(wantedOffset, 0, 1),
            record -> {
              try {
                rows.add(table.fields(record));
              } catch (RecordRejectedException e) {
                refusals.add(e);
              }
            });
        if (!refusals.isEmpty()) {
          throw new RecordRejectedException(
              RejectReason.MALFORMED_IMAGE_FIELD,
              "The row that holds the image is broken: " + refusals.get(0).getMessage(),
              refusals.get(0).valueSample());
        }
        image = rows.get(0).path(VlmEvalKitRow.IMAGE).asText();
        offset = wantedOffset;
      }
      return image;
    }
  }
}

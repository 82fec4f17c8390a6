package io.tokenflex.dataprep.source;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.NullNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.Closeable;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Set;
import org.apache.hadoop.fs.FSDataInputStream;
import org.apache.parquet.HadoopReadOptions;
import org.apache.parquet.example.data.Group;
import org.apache.parquet.example.data.simple.convert.GroupRecordConverter;
import org.apache.parquet.hadoop.ParquetFileReader;
import org.apache.parquet.hadoop.metadata.BlockMetaData;
import org.apache.parquet.io.ColumnIOFactory;
import org.apache.parquet.io.DelegatingSeekableInputStream;
import org.apache.parquet.io.InputFile;
import org.apache.parquet.io.RecordReader;
import org.apache.parquet.io.SeekableInputStream;
import org.apache.parquet.io.api.Binary;
import org.apache.parquet.schema.GroupType;
import org.apache.parquet.schema.LogicalTypeAnnotation;
import org.apache.parquet.schema.MessageType;
import org.apache.parquet.schema.PrimitiveType;
import org.apache.parquet.schema.Type;

/**
 * Reads rows of a Parquet file as JSON objects: lists of any layout become arrays, non-text binary
 * columns binary nodes, all other scalars text.
 */
final class ParquetRows implements Closeable {
  private static final JsonNodeFactory NODES = JsonNodeFactory.instance;

  private final SourceFile file;
  private final Set<String> knownColumns;
  private final SeekableFile input;
  private ParquetFileReader reader;
  private MessageType requested;
  private RowGroupPages rowGroup;
  private RecordReader<Group> rows;

  ParquetRows(SourceFile file, SourceOptions options) throws IOException {
    this.file = file;
    this.knownColumns = RecordFields.known(options);
    this.input = new SeekableFile(file.open());
  }

  /** Reads the footer. Throws any {@code IOException} or {@code RuntimeException} on failure. */
  void open() throws IOException {
    long length = file.fileSystem().getFileStatus(file.path()).getLen();
    InputFile inputFile =
        new InputFile() {
          @Override
          public long getLength() {
            return length;
          }

          @Override
          public SeekableInputStream newStream() {
            return input;
          }

          @Override
          public String toString() {
            return file.path().toString();
          }
        };
    reader =
        ParquetFileReader.open(
            inputFile, HadoopReadOptions.builder(file.fileSystem().getConf()).build());
    MessageType schema = reader.getFileMetaData().getSchema();
    // Nested columns are read only if their names are known; others may be large and cannot be
    // metadata.
    List<Type> wanted =
        schema.getFields().stream()
            .filter(column -> isScalar(column) || knownColumns.contains(column.getName()))
            .toList();
    requested = new MessageType(schema.getName(), wanted);
  }

  List<String> columns() {
    return reader.getFileMetaData().getSchema().getFields().stream().map(Type::getName).toList();
  }

  /** Columns of non-text bytes, or of structs or lists of them; candidates for images. */
  List<String> columnsOfBytes() {
    return reader.getFileMetaData().getSchema().getFields().stream()
        .filter(ParquetRows::holdsBytes)
        .map(Type::getName)
        .toList();
  }

  private static boolean holdsBytes(Type type) {
    if (!type.isPrimitive()) {
      return type.asGroupType().getFields().stream().anyMatch(ParquetRows::holdsBytes);
    }
    return type.asPrimitiveType().getPrimitiveTypeName() == PrimitiveType.PrimitiveTypeName.BINARY
        && type.getLogicalTypeAnnotation() == null;
  }

  /** Number of rows of each row group. */
  List<Long> rowGroups() {
    return reader.getRowGroups().stream().map(BlockMetaData::getRowCount).toList();
  }

  /** Starts reading a row group. Pages are loaded when their rows are read. */
  void startRowGroup(int number) throws IOException {
    BlockMetaData block = reader.getRowGroups().get(number);
    rowGroup = new RowGroupPages(input, block, file.fileSystem().getConf());
    rows =
        new ColumnIOFactory(reader.getFileMetaData().getCreatedBy())
            .getColumnIO(requested, reader.getFileMetaData().getSchema())
            .getRecordReader(rowGroup, new GroupRecordConverter(requested));
  }

  /** The next row of the row group. */
  ObjectNode next() {
    return object(rows.read());
  }

  /** Rethrows a failure of the storage, if there was one. */
  void throwIfStorageFailed() throws IOException {
    input.watched.throwIfStorageFailed();
  }

  @Override
  public void close() throws IOException {
    if (rowGroup != null) {
      rowGroup.close();
    }
    if (reader != null) {
      reader.close();
    }
    input.close();
  }

  private static boolean isScalar(Type column) {
    return column.isPrimitive() && !column.isRepetition(Type.Repetition.REPEATED);
  }

  private static ObjectNode object(Group group) {
    ObjectNode object = NODES.objectNode();
    for (int i = 0; i < group.getType().getFieldCount(); i++) {
      object.set(group.getType().getFieldName(i), field(group, i));
    }
    return object;
  }

  private static JsonNode field(Group group, int field) {
    if (group.getType().getType(field).isRepetition(Type.Repetition.REPEATED)) {
      return array(group, field, false);
    }
    return group.getFieldRepetitionCount(field) == 0 ? NullNode.instance : value(group, field, 0);
  }

  private static JsonNode value(Group group, int field, int index) {
    Type type = group.getType().getType(field);
    if (type.isPrimitive()) {
      return scalar(group, field, index, type.asPrimitiveType());
    }
    Group value = group.getGroup(field, index);
    boolean isList =
        type.getLogicalTypeAnnotation() instanceof LogicalTypeAnnotation.ListLogicalTypeAnnotation
            && type.asGroupType().getFieldCount() == 1;
    return isList ? array(value, 0, wrapsElement(type.asGroupType())) : object(value);
  }

  /**
   * Whether list elements are wrapped in a group: the standard three-level layout rather than the
   * old two-level one.
   */
  private static boolean wrapsElement(GroupType list) {
    Type repeated = list.getType(0);
    return !repeated.isPrimitive()
        && repeated.asGroupType().getFieldCount() == 1
        && !repeated.getName().equals("array")
        && !repeated.getName().endsWith("_tuple");
  }

  private static ArrayNode array(Group group, int field, boolean wrapsElement) {
    ArrayNode array = NODES.arrayNode();
    for (int i = 0; i < group.getFieldRepetitionCount(field); i++) {
      array.add(wrapsElement ? field(group.getGroup(field, i), 0) : value(group, field, i));
    }
    return array;
  }

  private static JsonNode scalar(Group group, int field, int index, PrimitiveType type) {
    return switch (type.getPrimitiveTypeName()) {
      case BOOLEAN -> NODES.booleanNode(group.getBoolean(field, index));
      case INT32 -> NODES.textNode(type.stringifier().stringify(group.getInteger(field, index)));
      case INT64 -> NODES.textNode(type.stringifier().stringify(group.getLong(field, index)));
      case FLOAT -> NODES.textNode(type.stringifier().stringify(group.getFloat(field, index)));
      case DOUBLE -> NODES.textNode(type.stringifier().stringify(group.getDouble(field, index)));
      case BINARY, FIXED_LEN_BYTE_ARRAY -> binary(group.getBinary(field, index), type);
      case INT96 -> NullNode.instance;
    };
  }

  private static JsonNode binary(Binary value, PrimitiveType type) {
    LogicalTypeAnnotation annotation = type.getLogicalTypeAnnotation();
    if (annotation == null) {
      return NODES.binaryNode(value.getBytes());
    }
    boolean isText =
        annotation instanceof LogicalTypeAnnotation.StringLogicalTypeAnnotation
            || annotation instanceof LogicalTypeAnnotation.JsonLogicalTypeAnnotation
            || annotation instanceof LogicalTypeAnnotation.EnumLogicalTypeAnnotation;
    if (!isText) {
      return NODES.textNode(type.stringifier().stringify(value));
    }
    byte[] bytes = value.getBytes();
    try {
      return NODES.textNode(
          StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(bytes)).toString());
    } catch (CharacterCodingException e) {
      // Rejected, with the reason, where it is needed as text.
      return NODES.binaryNode(bytes);
    }
  }

  /** Adapts a Hadoop stream to Parquet's interface. */
  private static final class SeekableFile extends DelegatingSeekableInputStream {
    private final FSDataInputStream stream;
    private final WatchedStream watched;

    SeekableFile(FSDataInputStream stream) {
      this(stream, new WatchedStream(stream));
    }

    private SeekableFile(FSDataInputStream stream, WatchedStream watched) {
      super(watched);
      this.stream = stream;
      this.watched = watched;
    }

    @Override
    public long getPos() throws IOException {
      return stream.getPos();
    }

    @Override
    public void seek(long position) throws IOException {
      // Throws for a position beyond the end, which a damaged footer can cause.
      stream.seek(position);
    }
  }
}

package io.tokenflex.dataprep.shard;

import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.apache.parquet.schema.MessageType;
import org.apache.parquet.schema.MessageTypeParser;

/** The Parquet schemas of shards and rejects tables (docs/format/shards.md). */
final class ShardSchema {
  static final String ID = "id";
  static final String IMAGES = "images";
  static final String BYTES = "bytes";
  static final String WIDTH = "width";
  static final String HEIGHT = "height";
  static final String SHA256 = "sha256";
  static final String PIXELS_SHA256 = "pixelsSha256";
  static final String PERCEPTUAL_HASH = "perceptualHash";
  static final String CONVERSATION = "conversation";
  static final String ROLE = "role";
  static final String TEXT = "text";
  static final String SOURCE = "source";
  static final String METADATA = "metadata";
  static final String RECORD_DIGEST = "recordDigest";
  static final String REASON = "reason";

  /** Column with the number of records a reject covers; absent, meaning one, in older tables. */
  static final String RECORDS = "records";

  static final String KEY = "key";
  static final String VALUE = "value";

  /** Names that the Parquet specification gives to the levels of lists and maps. */
  static final String LIST = "list";

  static final String ELEMENT = "element";
  static final String KEY_VALUE = "key_value";

  private static final String COLUMNS =
      """
          message sample {
            required binary id (STRING);
            required group images (LIST) {
              repeated group list {
                required group element {
                  required binary bytes;
                  required int32 width;
                  required int32 height;
                  required binary sha256 (STRING);
                  required binary pixelsSha256 (STRING);
                  required int64 perceptualHash;
                }
              }
            }
            required group conversation (LIST) {
              repeated group list {
                required group element {
                  required binary role (STRING);
                  required binary text (STRING);
                }
              }
            }
            required binary source (STRING);
            required group metadata (MAP) {
              repeated group key_value {
                required binary key (STRING);
                required binary value (STRING);
              }
            }
            required binary recordDigest (STRING);
          }
          """;

  /** Columns of a shard. */
  static final MessageType STORED = MessageTypeParser.parseMessageType(COLUMNS);

  /** Columns that training reads; omits those that only preparations need. */
  static final MessageType SAMPLE =
      MessageTypeParser.parseMessageType(
          COLUMNS
              .lines()
              .filter(
                  line ->
                      Stream.of(PIXELS_SHA256, PERCEPTUAL_HASH, RECORD_DIGEST)
                          .noneMatch(line::contains))
              .collect(Collectors.joining("\n")));

  static final MessageType REJECT =
      MessageTypeParser.parseMessageType(
          """
          message reject {
            required binary id (STRING);
            required binary reason (STRING);
            required binary detail (STRING);
            required binary sourceFile (STRING);
            required int64 position;
            required binary valueSample (STRING);
            required int64 records;
          }
          """);

  private ShardSchema() {}
}

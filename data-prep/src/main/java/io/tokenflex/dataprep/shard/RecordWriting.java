package io.tokenflex.dataprep.shard;

import org.apache.parquet.io.api.Binary;
import org.apache.parquet.io.api.RecordConsumer;
import org.apache.parquet.schema.GroupType;
import org.apache.parquet.schema.MessageType;

/** Writes one type of record field by field; field indices come from the schema. */
abstract class RecordWriting<T> {
  private final MessageType schema;
  private RecordConsumer consumer;

  RecordWriting(MessageType schema) {
    this.schema = schema;
  }

  final MessageType schema() {
    return schema;
  }

  final void write(T row, RecordConsumer target) {
    consumer = target;
    consumer.startMessage();
    writeFields(row);
    consumer.endMessage();
  }

  abstract void writeFields(T row);

  final void text(GroupType type, String field, String value) {
    bytes(type, field, Binary.fromString(value));
  }

  final void bytes(GroupType type, String field, Binary value) {
    int index = type.getFieldIndex(field);
    consumer.startField(field, index);
    consumer.addBinary(value);
    consumer.endField(field, index);
  }

  final void int32(GroupType type, String field, int value) {
    int index = type.getFieldIndex(field);
    consumer.startField(field, index);
    consumer.addInteger(value);
    consumer.endField(field, index);
  }

  final void int64(GroupType type, String field, long value) {
    int index = type.getFieldIndex(field);
    consumer.startField(field, index);
    consumer.addLong(value);
    consumer.endField(field, index);
  }

  /** Writes a list or map; Parquet requires the repeated field to be absent if it is empty. */
  final void repeated(GroupType type, String field, String repeatedField, int count, Items items) {
    int index = type.getFieldIndex(field);
    consumer.startField(field, index);
    consumer.startGroup();
    if (count > 0) {
      consumer.startField(repeatedField, 0);
      items.write();
      consumer.endField(repeatedField, 0);
    }
    consumer.endGroup();
    consumer.endField(field, index);
  }

  /** Writes one element of a list's repeated group. */
  final void element(Items fields) {
    consumer.startGroup();
    consumer.startField(ShardSchema.ELEMENT, 0);
    item(fields);
    consumer.endField(ShardSchema.ELEMENT, 0);
    consumer.endGroup();
  }

  final void item(Items fields) {
    consumer.startGroup();
    fields.write();
    consumer.endGroup();
  }

  /** Writes the content of a group. */
  @FunctionalInterface
  interface Items {
    void write();
  }
}

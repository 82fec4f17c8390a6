package io.tokenflex.dataprep.shard;

import io.tokenflex.samples.EncodedImage;
import io.tokenflex.samples.Role;
import io.tokenflex.samples.Sample;
import io.tokenflex.samples.Turn;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import org.apache.parquet.io.api.Binary;
import org.apache.parquet.io.api.Converter;
import org.apache.parquet.io.api.GroupConverter;
import org.apache.parquet.io.api.PrimitiveConverter;
import org.apache.parquet.io.api.RecordMaterializer;

/** Assembles samples directly from Parquet column values. */
final class SampleMaterializer extends RecordMaterializer<Sample> {
  private String id;
  private String source;
  private final List<EncodedImage> images = new ArrayList<>();
  private final List<Turn> conversation = new ArrayList<>();
  private final Map<String, String> metadata = new HashMap<>();
  private Sample sample;

  // Fields of the current list element; elements are read one after another.
  private byte[] bytes;
  private int width;
  private int height;
  private String first;
  private String second;

  /** Converters in the field order of {@link ShardSchema#SAMPLE}. */
  private final GroupConverter root =
      new Group(
          () -> {
            sample = new Sample(id, images, conversation, source, metadata);
            images.clear();
            conversation.clear();
            metadata.clear();
          },
          text(value -> id = value),
          listOf(
              new Group(
                  () -> images.add(new EncodedImage(bytes, width, height, first)),
                  binary(value -> bytes = value.getBytes()),
                  int32(value -> width = value),
                  int32(value -> height = value),
                  text(value -> first = value))),
          listOf(
              new Group(
                  () -> conversation.add(new Turn(Role.ofWireName(first), second)),
                  text(value -> first = value),
                  text(value -> second = value))),
          text(value -> source = value),
          new Group(
              () -> {},
              new Group(
                  () -> metadata.put(first, second),
                  text(value -> first = value),
                  text(value -> second = value))));

  @Override
  public Sample getCurrentRecord() {
    return sample;
  }

  @Override
  public GroupConverter getRootConverter() {
    return root;
  }

  private static GroupConverter listOf(GroupConverter element) {
    return new Group(() -> {}, new Group(() -> {}, element));
  }

  private static PrimitiveConverter text(Consumer<String> field) {
    return binary(value -> field.accept(value.toStringUsingUTF8()));
  }

  private static PrimitiveConverter binary(Consumer<Binary> field) {
    return new PrimitiveConverter() {
      @Override
      public void addBinary(Binary value) {
        field.accept(value);
      }
    };
  }

  private static PrimitiveConverter int32(Consumer<Integer> field) {
    return new PrimitiveConverter() {
      @Override
      public void addInt(int value) {
        field.accept(value);
      }
    };
  }

  private static final class Group extends GroupConverter {
    private final Runnable onEnd;
    private final Converter[] fields;

    Group(Runnable onEnd, Converter... fields) {
      this.onEnd = onEnd;
      this.fields = fields;
    }

    @Override
    public Converter getConverter(int field) {
      return fields[field];
    }

    @Override
    public void start() {}

    @Override
    public void end() {
      onEnd.run();
    }
  }
}

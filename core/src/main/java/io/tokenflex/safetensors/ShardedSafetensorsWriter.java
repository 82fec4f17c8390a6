package io.tokenflex.safetensors;

import io.tokenflex.failure.InvalidInputException;
import io.tokenflex.safetensors.TensorInfo.ElementType;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/**
 * Writes tensors as Hugging Face's {@code save_pretrained} does: to {@code model.safetensors} if
 * they fit into one file, else to {@code model-00001-of-0000N.safetensors} and so on, with {@code
 * model.safetensors.index.json} last. Tensors are assigned to shards in the given order, as by
 * huggingface_hub's {@code split_state_dict_into_shards_factory}.
 *
 * <p>One tensor is in memory at a time.
 */
public final class ShardedSafetensorsWriter {
  /** Hugging Face's default shard size: 5 GB. */
  public static final long DEFAULT_MAX_SHARD_BYTES = 5_000_000_000L;

  private static final String BASE_NAME = "model";
  private static final int CHUNK_BYTES = 1 << 20;

  private final ElementType elementType;
  private final long maxShardBytes;

  /** Creates the files of a folder on any storage. */
  @FunctionalInterface
  public interface FileCreator {
    /** Opens a new file of the folder for writing; the writer closes it. */
    OutputStream create(String name) throws IOException;
  }

  /** Creates a writer with shards of at most 5 GB. */
  public ShardedSafetensorsWriter(ElementType elementType) {
    this(elementType, DEFAULT_MAX_SHARD_BYTES);
  }

  /**
   * Creates a writer.
   *
   * @param elementType F32, or F16 or BF16 with rounding to nearest, ties to even
   * @param maxShardBytes maximum total size of a shard's tensors; a larger tensor gets a shard of
   *     its own
   */
  public ShardedSafetensorsWriter(ElementType elementType, long maxShardBytes) {
    if (!elementType.fitsFloat()) {
      throw new InvalidInputException(
          "Tensors are written as F32, F16 or BF16, not as " + elementType);
    } else if (maxShardBytes <= 0) {
      throw new InvalidInputException(
          String.format(Locale.ROOT, "maxShardBytes is %d; expected 1 or more", maxShardBytes));
    }
    this.elementType = elementType;
    this.maxShardBytes = maxShardBytes;
  }

  /**
   * Writes to a local folder; deletes its files on failure.
   *
   * @return the names of the files
   * @throws FileAlreadyExistsException if a file exists already; nothing is overwritten
   */
  public List<String> write(Path folder, List<TensorSource> tensors) throws IOException {
    List<String> other =
        List.of(SafetensorsIndex.wholeName(BASE_NAME), SafetensorsIndex.indexName(BASE_NAME));
    for (String name : other) {
      if (Files.exists(folder.resolve(name))) {
        throw new FileAlreadyExistsException(
            folder.resolve(name).toString(), null, "write the model into another folder");
      }
    }
    Files.createDirectories(folder);
    List<Path> created = new ArrayList<>();
    try {
      return write(
          name -> {
            Path file = folder.resolve(name);
            OutputStream out = Files.newOutputStream(file, StandardOpenOption.CREATE_NEW);
            created.add(file);
            return out;
          },
          tensors);
    } catch (IOException | RuntimeException e) {
      for (Path file : created) {
        Files.deleteIfExists(file);
      }
      throw e;
    }
  }

  /**
   * Writes to a folder on any storage.
   *
   * @return the names of the files
   * @throws IllegalArgumentException if a name occurs twice, values do not match their shape, or a
   *     finite value overflows the element type
   */
  public List<String> write(FileCreator folder, List<TensorSource> tensors) throws IOException {
    checkNames(tensors);
    List<List<TensorSource>> shards = split(tensors);
    List<String> written = new ArrayList<>();
    Map<String, String> weightMap = new LinkedHashMap<>();
    long totalSize = 0;
    for (int i = 0; i < shards.size(); i++) {
      String name =
          shards.size() == 1
              ? SafetensorsIndex.wholeName(BASE_NAME)
              : SafetensorsIndex.shardName(BASE_NAME, i + 1, shards.size());
      try (OutputStream out = folder.create(name)) {
        writeFile(out, shards.get(i));
      }
      written.add(name);
      for (TensorSource tensor : shards.get(i)) {
        weightMap.put(tensor.name(), name);
        totalSize += numBytes(tensor);
      }
    }
    if (shards.size() > 1) {
      String name = SafetensorsIndex.indexName(BASE_NAME);
      try (OutputStream out = folder.create(name)) {
        out.write(new SafetensorsIndex(weightMap, totalSize).toBytes());
      }
      written.add(name);
    }
    return written;
  }

  /** Checked before the first byte, because a name could occur twice in different shards. */
  private void checkNames(List<TensorSource> tensors) {
    HeaderWriter all = new HeaderWriter();
    for (TensorSource tensor : tensors) {
      all.add(tensor.name(), elementType, tensor.shape());
    }
  }

  private long numBytes(TensorSource tensor) {
    return TensorInfo.numBytes(tensor.name(), elementType, tensor.shape());
  }

  private List<List<TensorSource>> split(List<TensorSource> tensors) {
    List<List<TensorSource>> shards = new ArrayList<>();
    List<TensorSource> open = new ArrayList<>();
    long openBytes = 0;
    for (TensorSource tensor : tensors) {
      long numBytes = numBytes(tensor);
      if (numBytes > maxShardBytes) {
        shards.add(List.of(tensor));
        continue;
      }
      if (openBytes + numBytes > maxShardBytes) {
        shards.add(open);
        open = new ArrayList<>();
        openBytes = 0;
      }
      open.add(tensor);
      openBytes += numBytes;
    }
    if (!open.isEmpty() || shards.isEmpty()) {
      shards.add(open);
    }
    return shards;
  }

  private void writeFile(OutputStream out, List<TensorSource> tensors) throws IOException {
    HeaderWriter header = new HeaderWriter();
    for (TensorSource tensor : tensors) {
      header.add(tensor.name(), elementType, tensor.shape());
    }
    header.writeTo(out);
    byte[] chunk = new byte[CHUNK_BYTES];
    for (TensorSource tensor : tensors) {
      writeValues(out, tensor, chunk);
    }
  }

  private void writeValues(OutputStream out, TensorSource tensor, byte[] chunk) throws IOException {
    float[] values = tensor.values().read();
    int width = elementType.numBytes();
    if (values.length != numBytes(tensor) / width) {
      throw new InvalidInputException(
          String.format(
              Locale.ROOT,
              "Tensor %s has the shape %s but %d values",
              tensor.name(),
              tensor.shape(),
              values.length));
    }
    for (int from = 0; from < values.length; from += chunk.length / width) {
      int count = Math.min(chunk.length / width, values.length - from);
      try {
        ElementCodec.encode(elementType, values, from, count, ByteBuffer.wrap(chunk));
      } catch (IllegalArgumentException e) {
        throw new InvalidInputException(
            "Tensor %s: %s".formatted(tensor.name(), e.getMessage()), e);
      }
      out.write(chunk, 0, count * width);
    }
  }
}

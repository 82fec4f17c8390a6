package io.tokenflex.safetensors;

import io.tokenflex.failure.InvalidInputException;
import java.io.Closeable;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Stream;

/**
 * A local folder of safetensors in Hugging Face's layout, for random access: {@code
 * model.safetensors}, or {@code model.safetensors.index.json} and the shards it lists.
 *
 * <p>Files are read through a buffer, so files and tensors may exceed 2 GiB. As in transformers,
 * tensors of a listed shard that the index omits are included. The folder must not be modified
 * while it is open. Thread-safe for reading.
 */
public final class SafetensorsFolder implements Closeable {
  private static final String BASE_NAME = "model";
  private static final List<String> PICKLES = List.of(".bin", ".pt", ".pth", ".ckpt", ".pkl");

  private final Path folder;
  private static final long PIECE_ELEMENTS = 1 << 20;

  private final List<SafetensorsFile> files;
  private final Map<String, SafetensorsFile> fileByTensor = new LinkedHashMap<>();
  private final Map<String, TensorInfo> tensors = new LinkedHashMap<>();

  private SafetensorsFolder(Path folder, List<SafetensorsFile> files) {
    this.folder = folder;
    this.files = files;
    for (SafetensorsFile file : files) {
      for (TensorInfo tensor : file.header().tensors()) {
        tensors.put(tensor.name(), tensor);
        fileByTensor.put(tensor.name(), file);
      }
    }
  }

  /** Opens the folder of a model: {@code model.safetensors} or its shards. */
  public static SafetensorsFolder open(Path folder) throws IOException {
    return open(folder, BASE_NAME);
  }

  /**
   * Opens {@code baseName.safetensors}, or {@code baseName.safetensors.index.json} and its shards.
   *
   * @throws IOException if a file is missing or damaged, listing all problems of index and shards;
   *     or if the folder has only pickle files, which execute code when loaded
   */
  public static SafetensorsFolder open(Path folder, String baseName) throws IOException {
    return open(folder, baseName, SafetensorsFile.WINDOW_BYTES);
  }

  static SafetensorsFolder open(Path folder, String baseName, int windowBytes) throws IOException {
    if (!Files.isDirectory(folder)) {
      throw new IOException(folder + " is no folder; expected one with a model's safetensors");
    }
    Path whole = folder.resolve(SafetensorsIndex.wholeName(baseName));
    Path index = folder.resolve(SafetensorsIndex.indexName(baseName));
    if (Files.isRegularFile(whole)) {
      return new SafetensorsFolder(folder, List.of(SafetensorsFile.open(whole, windowBytes)));
    } else if (Files.isRegularFile(index)) {
      return openShards(folder, index, windowBytes);
    }
    throw nothingToOpen(folder, baseName);
  }

  /** All tensors by name, in file and data order. */
  public Map<String, TensorInfo> tensors() {
    return Collections.unmodifiableMap(tensors);
  }

  /**
   * The file that contains a tensor.
   *
   * @throws IllegalArgumentException if there is no tensor of that name
   */
  public Path fileOf(String name) {
    tensor(name);
    return fileByTensor.get(name).path();
  }

  /**
   * Reads a tensor as fp32, in row-major order; F16 and BF16 are converted exactly.
   *
   * @throws IOException if it has another element type, or is too long for an array
   * @throws IllegalArgumentException if there is no tensor of that name
   */
  public float[] readFloats(String name) throws IOException {
    TensorInfo tensor = tensor(name);
    int length = SafetensorsReader.checkFloats(tensor, fileOf(name).toString());
    float[] values = new float[length]; // safe: the size was validated against the file's length
    fileByTensor.get(name).readFloats(tensor, 0, values);
    return values;
  }

  /**
   * Reads the elements {@code [from, from + count)} of a tensor, in row-major order, as fp32;
   * allows tensors of more than 2^31 elements.
   *
   * @throws IOException if the element type is not F32, F16 or BF16
   * @throws IllegalArgumentException if there is no such tensor or range
   */
  public float[] readFloats(String name, long from, int count) throws IOException {
    TensorInfo tensor = tensor(name);
    SafetensorsReader.checkElementType(tensor, fileOf(name).toString());
    if (from < 0 || count < 0 || from > tensor.numElements() - count) {
      throw new InvalidInputException(
          String.format(
              Locale.ROOT,
              "%s: tensor %s has %d elements; cannot read %d from element %d on",
              fileOf(name),
              name,
              tensor.numElements(),
              count,
              from));
    }
    float[] values = new float[count];
    fileByTensor.get(name).readFloats(tensor, from, values);
    return values;
  }

  /**
   * Streams a tensor of any length as fp32.
   *
   * @throws IOException if the element type is not F32, F16 or BF16
   * @throws IllegalArgumentException if there is no tensor of that name
   */
  public void readFloats(String name, FloatPieces pieces) throws IOException {
    long numElements = tensor(name).numElements();
    for (long from = 0; from < numElements; from += PIECE_ELEMENTS) {
      int count = (int) Math.min(PIECE_ELEMENTS, numElements - from);
      pieces.accept(from, readFloats(name, from, count));
    }
  }

  /**
   * As {@link #readFloats(String)}, for weights.
   *
   * @throws io.tokenflex.failure.DamagedDataException if a value is not finite
   */
  public float[] readWeights(String name) throws IOException {
    float[] values = readFloats(name);
    FiniteWeights.check(name, 0, values, fileOf(name).toString());
    return values;
  }

  /**
   * As {@link #readFloats(String, long, int)}, for weights.
   *
   * @throws io.tokenflex.failure.DamagedDataException if a value is not finite
   */
  public float[] readWeights(String name, long from, int count) throws IOException {
    float[] values = readFloats(name, from, count);
    FiniteWeights.check(name, from, values, fileOf(name).toString());
    return values;
  }

  @Override
  public void close() throws IOException {
    close(files);
  }

  /** The folder's path. */
  @Override
  public String toString() {
    return folder.toString();
  }

  private TensorInfo tensor(String name) {
    TensorInfo tensor = tensors.get(name);
    if (tensor == null) {
      throw new InvalidInputException(
          String.format(
              Locale.ROOT, "%s has no tensor %s; it has %d others", folder, name, tensors.size()));
    }
    return tensor;
  }

  private static SafetensorsFolder openShards(Path folder, Path indexFile, int windowBytes)
      throws IOException {
    Map<String, String> weightMap = SafetensorsIndex.read(indexFile).weightMap();
    List<String> problems = new ArrayList<>();
    Map<String, SafetensorsFile> shards = new TreeMap<>();
    try {
      for (String name : new TreeSet<>(weightMap.values())) {
        openShard(folder, name, windowBytes, shards, problems);
      }
      compare(weightMap, shards, problems);
      if (!problems.isEmpty()) {
        throw new IOException(
            String.format(
                Locale.ROOT,
                "%s and its shards have %d problems: %s. Download or write the folder again",
                indexFile,
                problems.size(),
                Listed.of(problems)));
      }
    } catch (IOException | RuntimeException e) {
      close(List.copyOf(shards.values()));
      throw e;
    }
    return new SafetensorsFolder(folder, List.copyOf(shards.values()));
  }

  private static void openShard(
      Path folder,
      String name,
      int windowBytes,
      Map<String, SafetensorsFile> shards,
      List<String> problems) {
    try {
      Path file = folder.resolve(name).normalize();
      // Only the name is checked: files in Hugging Face's cache are symbolic links out of the
      // folder.
      if (name.isEmpty() || !file.startsWith(folder.normalize())) {
        problems.add("shard %s lies outside the folder".formatted(HeaderParser.shown(name)));
      } else if (!Path.of(name).equals(folder.normalize().relativize(file))) {
        problems.add(
            "shard %s is a path that ends with the folder's move; the index names files, here %s"
                .formatted(HeaderParser.shown(name), file.getFileName()));
      } else if (!Files.isRegularFile(file)) {
        problems.add("shard %s is missing".formatted(HeaderParser.shown(name)));
      } else {
        shards.put(name, SafetensorsFile.open(file, windowBytes));
      }
    } catch (InvalidPathException e) {
      problems.add("shard %s is no file name".formatted(HeaderParser.shown(name)));
    } catch (IOException e) {
      problems.add(e.getMessage());
    }
  }

  private static void compare(
      Map<String, String> weightMap, Map<String, SafetensorsFile> shards, List<String> problems) {
    Map<String, String> shardByTensor = new TreeMap<>();
    shards.forEach(
        (shard, file) -> {
          for (TensorInfo tensor : file.header().tensors()) {
            String first = shardByTensor.putIfAbsent(tensor.name(), shard);
            if (first != null) {
              problems.add(
                  "tensor %s is in two shards, %s and %s"
                      .formatted(HeaderParser.shown(tensor.name()), first, shard));
            }
          }
        });
    weightMap.forEach(
        (tensor, shard) -> {
          String actual = shardByTensor.get(tensor);
          if (shards.containsKey(shard) && !shard.equals(actual)) {
            problems.add(
                "tensor %s is not in %s as the index says but in %s"
                    .formatted(
                        HeaderParser.shown(tensor),
                        HeaderParser.shown(shard),
                        actual == null ? "no shard" : actual));
          }
        });
  }

  private static IOException nothingToOpen(Path folder, String baseName) throws IOException {
    List<String> names;
    try (Stream<Path> content = Files.list(folder)) {
      names = content.map(path -> path.getFileName().toString()).sorted().toList();
    }
    List<String> pickles =
        names.stream().filter(name -> PICKLES.stream().anyMatch(name::endsWith)).toList();
    String expected =
        "%s or %s"
            .formatted(SafetensorsIndex.wholeName(baseName), SafetensorsIndex.indexName(baseName));
    if (pickles.isEmpty()) {
      return new IOException(
          "%s holds no %s; it holds %s".formatted(folder, expected, Listed.of(names)));
    }
    return new IOException(
        ("%s holds no %s, only %s. Those are pickle files, which run code when they are read, and"
                + " are not opened here. If you trust their author, convert them: python -c \"from"
                + " transformers import AutoModelForCausalLM as M;"
                + " M.from_pretrained('%s').save_pretrained('%s-safetensors',"
                + " safe_serialization=True)\" (AutoModel if it is no language model)")
            .formatted(folder, expected, Listed.of(pickles), folder, folder));
  }

  private static void close(List<SafetensorsFile> files) throws IOException {
    IOException failure = null;
    for (SafetensorsFile file : files) {
      try {
        file.close();
      } catch (IOException e) {
        failure = e;
      }
    }
    if (failure != null) {
      throw failure;
    }
  }
}

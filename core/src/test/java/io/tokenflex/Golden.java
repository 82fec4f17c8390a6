package io.tokenflex;

import static org.assertj.core.api.Assertions.assertThat;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.tokenflex.safetensors.SafetensorsReader;
import io.tokenflex.safetensors.TensorInfo;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.Arrays;
import java.util.Map;
import java.util.TreeMap;

/** A stored output of the reference implementation; see tools/golden/. */
public final class Golden {
  /** The bar for fp32: a difference below it may come from the order of additions alone. */
  public static final double TOLERANCE = 1e-4;

  private final String name;
  private final JsonNode config;
  private final Map<String, float[]> floats = new TreeMap<>();
  private final Map<String, long[]> longs = new TreeMap<>();
  private final Map<String, Shape> shapes = new TreeMap<>();

  private Golden(String name) throws IOException {
    this.name = name;
    try (InputStream json = open(name + ".json");
        SafetensorsReader reader = new SafetensorsReader(open(name + ".safetensors"), name)) {
      config = new ObjectMapper().readTree(json);
      while (reader.hasNext()) {
        TensorInfo info = reader.peek();
        long[] shape = info.shape().stream().mapToLong(Long::longValue).toArray();
        shapes.put(info.name(), new Shape(shape));
        if (info.elementType() == TensorInfo.ElementType.I64) {
          longs.put(info.name(), reader.readLongs());
        } else {
          floats.put(info.name(), reader.readFloats());
        }
      }
    }
  }

  public static Golden load(String name) {
    try {
      return new Golden(name);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static InputStream open(String file) {
    return Golden.class.getResourceAsStream("/golden/" + file);
  }

  /** The configuration stored beside the tensors. */
  public JsonNode config() {
    return config;
  }

  public float[] floats(String key) {
    return present(floats.get(key), key);
  }

  public long[] longs(String key) {
    return present(longs.get(key), key);
  }

  public Shape shape(String key) {
    return present(shapes.get(key), key);
  }

  public NDArray array(NDManager manager, String key) {
    return floats.containsKey(key)
        ? manager.create(floats(key), shape(key))
        : manager.create(longs(key), shape(key));
  }

  /** All fp32 tensors below {@code prefix}, by the rest of their name. */
  public Map<String, float[]> below(String prefix) {
    Map<String, float[]> found = new TreeMap<>();
    floats.forEach(
        (key, values) -> {
          if (key.startsWith(prefix)) {
            found.put(key.substring(prefix.length()), values);
          }
        });
    return found;
  }

  /** Fails with maximum and mean difference and the first bad index. */
  public void assertClose(String key, NDArray actual) {
    assertThat(actual.getShape().size()).as("%s %s: size", name, key).isEqualTo(shape(key).size());
    assertClose(name + " " + key, actual.toFloatArray(), floats(key));
  }

  /** Fails with maximum and mean difference and the first bad index. */
  public static void assertClose(String what, float[] actual, float[] expected) {
    assertThat(actual).as("%s: length", what).hasSameSizeAs(expected);
    double max = 0;
    double sum = 0;
    int firstBad = -1;
    for (int i = 0; i < expected.length; i++) {
      double difference = Math.abs((double) actual[i] - expected[i]);
      if (!(difference <= TOLERANCE) && firstBad < 0) {
        firstBad = i;
      }
      max = Double.isNaN(difference) ? Double.NaN : Math.max(max, difference);
      sum += difference;
    }
    assertThat(firstBad)
        .as(
            "%s: max difference %.3e, mean %.3e, first bad index %d: %s",
            what,
            max,
            sum / expected.length,
            firstBad,
            firstBad < 0 ? "" : actual[firstBad] + " instead of " + expected[firstBad])
        .isEqualTo(-1);
  }

  private <T> T present(T value, String key) {
    if (value == null) {
      throw new IllegalArgumentException(
          "Golden "
              + name
              + " has no tensor "
              + key
              + " of that type; it has "
              + Arrays.toString(shapes.keySet().toArray()));
    }
    return value;
  }
}

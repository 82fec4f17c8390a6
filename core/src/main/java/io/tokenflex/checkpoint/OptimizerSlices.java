package io.tokenflex.checkpoint;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.types.Shape;
import io.tokenflex.model.Segment;
import io.tokenflex.optimizer.AdamW;
import io.tokenflex.safetensors.FloatPieces;
import io.tokenflex.safetensors.SafetensorsReader;
import io.tokenflex.safetensors.SafetensorsWriter;
import io.tokenflex.safetensors.TensorInfo;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/**
 * AdamW's moments as flat pieces addressed by their offset in the concatenation of all trained
 * segments: whoever reads them need not know how many ranks wrote them.
 */
final class OptimizerSlices {
  private static final String FIRST = "exp_avg.";
  private static final String SECOND = "exp_avg_sq.";

  private final AdamW adamW;

  OptimizerSlices(AdamW adamW) {
    this.adamW = adamW;
  }

  long numElements() {
    return adamW.segments().stream().mapToLong(Segment::numElements).sum();
  }

  /** Writes the elements {@code [from, to)} of both moments. */
  void write(OutputStream out, long from, long to) throws IOException {
    Map<String, NDArray> pieces = new LinkedHashMap<>();
    try {
      long segmentFrom = 0;
      for (int i = 0; i < adamW.segments().size(); i++) {
        Segment segment = adamW.segments().get(i);
        long begin = Math.max(from, segmentFrom);
        long end = Math.min(to, segmentFrom + segment.numElements());
        if (begin < end) {
          Shape shape = new Shape(end - begin);
          long at = begin - segmentFrom;
          pieces.put(FIRST + begin, segment.window(adamW.firstMoments().get(i), at, shape));
          pieces.put(SECOND + begin, segment.window(adamW.secondMoments().get(i), at, shape));
        }
        segmentFrom += segment.numElements();
      }
      SafetensorsWriter.write(out, pieces);
    } finally {
      pieces.values().forEach(NDArray::close);
    }
  }

  /**
   * Reads every piece of a file; returns how many elements of each moment it held.
   *
   * @throws IOException if a piece does not lie inside one segment
   */
  long read(InputStream in, String place) throws IOException {
    long elements = 0;
    try (SafetensorsReader reader = new SafetensorsReader(in, place)) {
      while (reader.hasNext()) {
        TensorInfo info = reader.peek();
        boolean second = info.name().startsWith(SECOND);
        List<NDArray> moments = second ? adamW.secondMoments() : adamW.firstMoments();
        long offset = offsetOf(info.name(), place);
        reader.readFloats(target(moments, offset, info.numElements(), place));
        elements += second ? 0 : info.numElements();
      }
    }
    return elements;
  }

  private static long offsetOf(String name, String place) throws IOException {
    try {
      return Long.parseLong(name.substring(name.lastIndexOf('.') + 1));
    } catch (NumberFormatException e) {
      throw new IOException(
          "%s: tensor %s is no optimizer slice; expected %s<offset> or %s<offset>"
              .formatted(place, name, FIRST, SECOND),
          e);
    }
  }

  private FloatPieces target(List<NDArray> moments, long offset, long length, String place)
      throws IOException {
    long segmentFrom = 0;
    for (int i = 0; i < adamW.segments().size(); i++) {
      Segment segment = adamW.segments().get(i);
      long segmentTo = segmentFrom + segment.numElements();
      if (offset >= segmentFrom && offset + length <= segmentTo) {
        NDArray slice = moments.get(i);
        long at = offset - segmentFrom;
        return (from, values) -> segment.overwrite(slice, at + from, values);
      }
      segmentFrom = segmentTo;
    }
    throw new IOException(
        String.format(
            Locale.ROOT,
            "%s: the slice [%d, %d) lies in no segment of the model",
            place,
            offset,
            offset + length));
  }
}

package io.tokenflex.dataprep.pack;

import io.tokenflex.digest.Digests;
import java.io.Closeable;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.IdentityHashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.FSDataInputStream;
import org.apache.hadoop.fs.Path;

/** Reads images from packs. Not thread-safe. */
public final class PackReader implements Closeable {
  private static final int MAX_OPEN_PACKS = 32;
  private static final Comparator<PackedImage> BY_PLACE =
      Comparator.comparing(PackedImage::pack).thenComparingLong(PackedImage::offset);

  private final Configuration configuration;
  private final Map<String, FSDataInputStream> open = new LinkedHashMap<>(16, 0.75f, true);

  public PackReader(Configuration configuration) {
    this.configuration = configuration;
  }

  /**
   * Reads images sequentially by offset and returns their bytes by image.
   *
   * @throws IOException if an image differs from what was packed; retryable
   */
  public IdentityHashMap<PackedImage, byte[]> read(List<PackedImage> images) throws IOException {
    List<PackedImage> sorted = new ArrayList<>(images);
    sorted.sort(BY_PLACE);
    IdentityHashMap<PackedImage, byte[]> bytes = new IdentityHashMap<>();
    for (PackedImage image : sorted) {
      bytes.put(image, read(image));
    }
    return bytes;
  }

  private byte[] read(PackedImage image) throws IOException {
    byte[] bytes = new byte[image.length()];
    pack(image.pack()).readFully(image.offset(), bytes);
    if (!Digests.sha256Hex(bytes).equals(image.sha256())) {
      throw new IOException(
          String.format(
              Locale.ROOT,
              "%s holds other bytes at %d than were written; run again",
              image.pack(),
              image.offset()));
    }
    return bytes;
  }

  private FSDataInputStream pack(String path) throws IOException {
    FSDataInputStream stream = open.get(path);
    if (stream == null) {
      if (open.size() >= MAX_OPEN_PACKS) {
        open.remove(open.keySet().iterator().next()).close();
      }
      Path pack = new Path(path);
      stream = pack.getFileSystem(configuration).open(pack);
      open.put(path, stream);
    }
    return stream;
  }

  @Override
  public void close() throws IOException {
    for (FSDataInputStream stream : open.values()) {
      stream.close();
    }
    open.clear();
  }
}

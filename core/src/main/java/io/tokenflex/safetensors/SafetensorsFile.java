package io.tokenflex.safetensors;

import java.io.Closeable;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.Channels;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Locale;

/** One safetensors file of a folder, read through a buffer. */
final class SafetensorsFile implements Closeable {
  /** Size of the read buffer; a multiple of every element size. */
  static final int WINDOW_BYTES = 1 << 20;

  private final Path path;
  private final FileChannel channel;
  private final long fileBytes;
  private final SafetensorsHeader header;
  private final int windowBytes;

  private SafetensorsFile(
      Path path, FileChannel channel, long fileBytes, SafetensorsHeader header, int windowBytes) {
    this.path = path;
    this.channel = channel;
    this.fileBytes = fileBytes;
    this.header = header;
    this.windowBytes = windowBytes;
  }

  /** Opens a file and validates header and length; {@code windowBytes} must be a multiple of 8. */
  static SafetensorsFile open(Path path, int windowBytes) throws IOException {
    FileChannel channel = FileChannel.open(path, StandardOpenOption.READ);
    try {
      long fileBytes = channel.size();
      SafetensorsHeader header =
          SafetensorsHeader.read(Channels.newInputStream(channel), path.toString(), fileBytes);
      return new SafetensorsFile(path, channel, fileBytes, header, windowBytes);
    } catch (IOException | RuntimeException e) {
      channel.close();
      throw e;
    }
  }

  SafetensorsHeader header() {
    return header;
  }

  Path path() {
    return path;
  }

  /** Fills {@code values} with elements, starting at {@code fromElement}, converted to fp32. */
  void readFloats(TensorInfo tensor, long fromElement, float[] values) throws IOException {
    int width = tensor.elementType().numBytes();
    long position = header.numBytes() + tensor.begin() + fromElement * width;
    int windowElements = Math.min(windowBytes / width, values.length);
    ByteBuffer window = ByteBuffer.allocate(windowElements * width).order(ByteOrder.LITTLE_ENDIAN);
    int done = 0;
    while (done < values.length) {
      int count = Math.min(windowElements, values.length - done);
      fill(window.clear().limit(count * width), position);
      ElementCodec.decode(tensor.elementType(), window.flip(), values, done, count);
      position += (long) count * width;
      done += count;
    }
  }

  // Read, not memory-mapped: mapped pages count as this process's memory until the next garbage
  // collection.
  private void fill(ByteBuffer window, long position) throws IOException {
    while (window.hasRemaining()) {
      if (channel.read(window, position + window.position()) < 0) {
        throw new IOException(
            String.format(
                Locale.ROOT,
                "%s: had %d bytes when it was opened and has %d now. Do not write to a model that is read",
                path,
                fileBytes,
                channel.size()));
      }
    }
  }

  @Override
  public void close() throws IOException {
    channel.close();
  }
}

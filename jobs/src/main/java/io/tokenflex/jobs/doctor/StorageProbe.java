package io.tokenflex.jobs.doctor;

import io.tokenflex.dataprep.storage.DurableStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Random;
import java.util.UUID;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.FileSystem;

/** How fast a local disk and the storage of the run take bytes and give them back. */
final class StorageProbe {
  private static final int PIECE_BYTES = 1 << 20;
  private static final int PIECES = 32;

  private final byte[] piece = new byte[PIECE_BYTES];

  StorageProbe() {
    new Random(1).nextBytes(piece); // nothing that compresses
  }

  /**
   * Bytes per second.
   *
   * @param read back from the storage; where it caches, from the cache
   */
  record Speed(double written, double read) {}

  /** Writes to the disk itself, not to the system's cache. */
  double disk(Path folder) throws IOException {
    Path file = Files.createTempFile(folder, "tokenflex-doctor", null);
    try (FileChannel channel = FileChannel.open(file, StandardOpenOption.WRITE)) {
      long start = System.nanoTime();
      for (int i = 0; i < PIECES; i++) {
        ByteBuffer bytes = ByteBuffer.wrap(piece);
        while (bytes.hasRemaining()) {
          channel.write(bytes);
        }
      }
      channel.force(true);
      return perSecond(start);
    } finally {
      Files.deleteIfExists(file);
    }
  }

  /** Writes a file of its own into a folder, reads it and removes it. */
  Speed storage(String folder, Configuration hadoop) throws IOException {
    var root = new org.apache.hadoop.fs.Path(folder);
    var file = new org.apache.hadoop.fs.Path(root, ".doctor-" + UUID.randomUUID());
    FileSystem storage = root.getFileSystem(hadoop);
    try {
      long start = System.nanoTime();
      try (OutputStream out = DurableStream.create(storage, file, /* overwrite= */ false)) {
        for (int i = 0; i < PIECES; i++) {
          out.write(piece);
        }
      }
      double written = perSecond(start);
      start = System.nanoTime();
      try (InputStream in = storage.open(file)) {
        byte[] read = new byte[PIECE_BYTES];
        for (int i = 0; i < PIECES; i++) {
          if (in.readNBytes(read, 0, PIECE_BYTES) != PIECE_BYTES) {
            throw new IOException(file + " is shorter than what was written to it");
          }
        }
      }
      return new Speed(written, perSecond(start));
    } finally {
      storage.delete(file, /* recursive= */ false);
    }
  }

  private static double perSecond(long start) {
    return (double) PIECES * PIECE_BYTES / ((System.nanoTime() - start) / 1e9);
  }
}

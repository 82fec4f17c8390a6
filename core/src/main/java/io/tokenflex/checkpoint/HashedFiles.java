package io.tokenflex.checkpoint;

import io.tokenflex.digest.Digests;
import io.tokenflex.storage.Storage;
import java.io.BufferedOutputStream;
import java.io.FileNotFoundException;
import java.io.FilterInputStream;
import java.io.FilterOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.NoSuchFileException;
import java.security.DigestInputStream;
import java.security.MessageDigest;

/** Writes and reads files of a folder together with their sizes and digests. */
final class HashedFiles {
  private static final int BUFFER_BYTES = 1 << 16;

  private final Storage storage;

  HashedFiles(Storage storage) {
    this.storage = storage;
  }

  /** Produces the content of a file. */
  interface Content {
    void writeTo(OutputStream out) throws IOException;
  }

  /** Consumes the content of a file. */
  interface Reading<T> {
    T readFrom(InputStream in) throws IOException;
  }

  /**
   * Writes a new file.
   *
   * @throws IOException if one of another content lies there; names it
   */
  CheckpointManifest.Entry write(String folder, String name, Content content) throws IOException {
    String file = folder + "/" + name;
    CheckpointManifest.Entry entry = null;
    try (OutputStream out = storage.create(file)) {
      entry = writeTo(out, name, content);
    } catch (FileAlreadyExistsException e) {
      // Found when it was closed, it may be this one: a store repeats a request without an answer.
      if (entry == null || !holds(folder, entry)) {
        throw new IOException(
            "%s is there already: a rank of an attempt that has ended wrote it late. This attempt ends, and the next one saves the step again"
                .formatted(storage.locationOf(file)),
            e);
      }
    }
    return entry;
  }

  private static CheckpointManifest.Entry writeTo(OutputStream file, String name, Content content)
      throws IOException {
    MessageDigest digest = Digests.sha256();
    long[] size = {0};
    OutputStream out = new BufferedOutputStream(file, BUFFER_BYTES);
    OutputStream counting =
        new FilterOutputStream(out) {
          @Override
          public void write(int b) throws IOException {
            write(new byte[] {(byte) b}, 0, 1);
          }

          @Override
          public void write(byte[] bytes, int from, int length) throws IOException {
            digest.update(bytes, from, length);
            size[0] += length;
            out.write(bytes, from, length);
          }
        };
    content.writeTo(counting);
    counting.flush();
    return new CheckpointManifest.Entry(name, size[0], Digests.hex(digest));
  }

  private boolean holds(String folder, CheckpointManifest.Entry entry) throws IOException {
    try {
      read(folder, entry, in -> null);
      return true;
    } catch (CorruptCheckpointException e) {
      return false;
    }
  }

  /**
   * Reads a file and then compares its digest.
   *
   * @throws CorruptCheckpointException if the file is missing or its digest differs
   */
  <T> T read(String folder, CheckpointManifest.Entry entry, Reading<T> reading) throws IOException {
    MessageDigest digest = Digests.sha256();
    T result = null;
    IOException failure = null;
    try (InputStream in = new DigestInputStream(open(folder, entry.name()), digest)) {
      try {
        result = reading.readFrom(withoutClose(in));
      } catch (IOException | IllegalArgumentException e) {
        failure = new IOException(e.getMessage(), e); // most likely explained by the digest
      }
      byte[] rest = new byte[BUFFER_BYTES];
      while (in.read(rest) >= 0) {}
    }
    String actual = Digests.hex(digest);
    if (!actual.equals(entry.sha256())) {
      throw new CorruptCheckpointException(
          ("Checkpoint file %s was changed after it was written: sha256 is %s, the manifest says %s."
                  + " Delete or move the folder %s to resume from the checkpoint before it")
              .formatted(
                  storage.locationOf(folder + "/" + entry.name()),
                  actual,
                  entry.sha256(),
                  storage.locationOf(folder)),
          failure);
    }
    if (failure != null) {
      throw failure;
    }
    return result;
  }

  private InputStream open(String folder, String name) throws IOException {
    try {
      return storage.open(folder + "/" + name);
    } catch (FileNotFoundException | NoSuchFileException e) {
      throw new CorruptCheckpointException(
          "Checkpoint file %s is missing. Delete or move the folder %s to resume from the checkpoint before it"
              .formatted(storage.locationOf(folder + "/" + name), storage.locationOf(folder)),
          e);
    }
  }

  /** Readers may close what they are given; the rest must still be hashed. */
  private static InputStream withoutClose(InputStream in) {
    return new FilterInputStream(in) {
      @Override
      public void close() {}
    };
  }
}

package io.tokenflex.dataprep.shard;

import io.tokenflex.dataprep.dataset.DatasetFolder;
import io.tokenflex.dataprep.dataset.Manifest;
import io.tokenflex.digest.Digests;
import java.io.FileNotFoundException;
import java.io.IOException;
import java.io.InputStream;
import java.security.MessageDigest;
import java.util.Optional;
import org.apache.hadoop.fs.ChecksumException;
import org.apache.hadoop.fs.Path;

/**
 * Distinguishes damaged shards from storage failures. Readers throw the same exceptions for both,
 * but only a damaged shard differs from its manifest entry.
 */
final class ShardDamage {
  private static final int BUFFER_BYTES = 1 << 20;
  private static final String REMEDY = ". Restore the file, or prepare the dataset anew";

  private ShardDamage() {}

  /** The damage of a shard; empty if it is intact or cannot be read now. */
  static Optional<String> of(DatasetFolder folder, Manifest.Shard shard) {
    Path file = folder.pathOf(shard.file());
    try {
      long length = folder.fileSystem().getFileStatus(file).getLen();
      if (length != shard.bytes()) {
        return Optional.of("it is cut off or was replaced" + REMEDY);
      }
      String sha256 = sha256(folder, file);
      return sha256.equals(shard.sha256())
          ? Optional.empty()
          : Optional.of(
              "the file was changed after it was written: its sha256 is "
                  + sha256
                  + ", the manifest says "
                  + shard.sha256()
                  + REMEDY);
    } catch (FileNotFoundException e) {
      return Optional.of("the file is missing" + REMEDY);
    } catch (ChecksumException e) {
      return Optional.of("the file system finds its checksum wrong" + REMEDY);
    } catch (IOException e) {
      return Optional.empty();
    }
  }

  private static String sha256(DatasetFolder folder, Path file) throws IOException {
    MessageDigest digest = Digests.sha256();
    try (InputStream in = folder.fileSystem().open(file)) {
      byte[] buffer = new byte[BUFFER_BYTES];
      for (int read = in.read(buffer); read >= 0; read = in.read(buffer)) {
        if (Thread.currentThread().isInterrupted()) {
          throw new IOException("interrupted");
        }
        digest.update(buffer, 0, read);
      }
    }
    return Digests.hex(digest);
  }
}

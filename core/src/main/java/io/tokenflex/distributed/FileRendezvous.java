package io.tokenflex.distributed;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/**
 * Ranks that share a folder meet in it: each leaves a file and reads those of the others.
 *
 * @param folder serves one exchange; the next group needs another
 * @param timeout how long to wait for the others
 */
public record FileRendezvous(Path folder, int rank, int worldSize, Duration timeout)
    implements Rendezvous {
  private static final long POLL_MILLIS = 5;

  /**
   * {@inheritDoc}
   *
   * @throws IllegalStateException if this rank has been here before, or another one is late
   */
  @Override
  public List<String> exchange(String message) {
    try {
      leave(message);
      long deadline = System.nanoTime() + timeout.toNanos();
      List<String> messages = new ArrayList<>();
      for (int other = 0; other < worldSize; other++) {
        messages.add(messageOf(other, deadline));
      }
      return messages;
    } catch (IOException e) {
      throw new UncheckedIOException("Rank " + rank + " cannot use " + folder, e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException("Rank " + rank + " was interrupted in " + folder, e);
    }
  }

  private void leave(String message) throws IOException {
    Files.createDirectories(folder);
    Path file = fileOf(rank);
    if (Files.exists(file)) {
      throw new IllegalStateException(
          String.format(
              Locale.ROOT,
              "Rank %d finds its file %s already there; give each group a fresh folder",
              rank,
              file));
    }
    Path part = Files.createTempFile(folder, "part", null);
    Files.writeString(part, message);
    // The others see the whole file or none.
    Files.move(part, file, StandardCopyOption.ATOMIC_MOVE);
  }

  private String messageOf(int other, long deadline) throws IOException, InterruptedException {
    Path file = fileOf(other);
    while (!Files.exists(file)) {
      if (System.nanoTime() - deadline > 0) {
        throw new IllegalStateException(
            String.format(
                Locale.ROOT,
                "Rank %d of %d waited %s for rank %d to write %s; see whether that process started",
                rank,
                worldSize,
                timeout,
                other,
                file));
      }
      Thread.sleep(POLL_MILLIS);
    }
    return Files.readString(file);
  }

  private Path fileOf(int number) {
    return folder.resolve("rank-" + number);
  }
}

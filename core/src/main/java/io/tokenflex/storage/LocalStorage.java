package io.tokenflex.storage;

import java.io.BufferedInputStream;
import java.io.BufferedOutputStream;
import java.io.FileNotFoundException;
import java.io.FilterOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.channels.Channels;
import java.nio.channels.FileChannel;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.NotDirectoryException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.Comparator;
import java.util.List;
import java.util.stream.Stream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** A folder of a local or mounted file system. */
public final class LocalStorage implements Storage {
  private static final Logger log = LoggerFactory.getLogger(LocalStorage.class);

  private final Path root;

  public LocalStorage(Path root) {
    this.root = root.toAbsolutePath();
  }

  @Override
  public List<String> list(String folder) throws IOException {
    try (Stream<Path> entries = Files.list(root.resolve(folder))) {
      return entries.map(entry -> entry.getFileName().toString()).sorted().toList();
    } catch (NoSuchFileException | NotDirectoryException e) {
      return List.of();
    } catch (UncheckedIOException e) {
      throw e.getCause();
    }
  }

  @Override
  public InputStream open(String file) throws IOException {
    try {
      return new BufferedInputStream(Files.newInputStream(root.resolve(file)));
    } catch (NoSuchFileException e) {
      FileNotFoundException missing = new FileNotFoundException(locationOf(file));
      missing.initCause(e);
      throw missing;
    }
  }

  @Override
  public OutputStream create(String file) throws IOException {
    Path path = root.resolve(file);
    Files.createDirectories(path.getParent());
    FileChannel channel =
        FileChannel.open(path, StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE);
    return new FilterOutputStream(new BufferedOutputStream(Channels.newOutputStream(channel))) {
      private boolean closed;

      @Override
      public void write(byte[] bytes, int from, int length) throws IOException {
        try {
          this.out.write(bytes, from, length);
        } catch (IOException e) {
          throw failure(e);
        }
      }

      @Override
      public void close() throws IOException {
        if (closed) {
          return;
        }
        closed = true;
        try (channel) {
          flush();
          channel.force(true);
        } catch (IOException e) {
          throw failure(e);
        }
      }

      private IOException failure(IOException e) {
        return new IOException("Cannot write " + path + ": " + e.getMessage(), e);
      }
    };
  }

  /** The system gives a name once, and what a name stood for goes on without it. */
  @Override
  public boolean createNeverReplaces() {
    return true;
  }

  @Override
  public boolean createUnlessTaken(String file, byte[] content) throws IOException {
    Path target = root.resolve(file);
    Path complete = target.resolveSibling(PartialNames.next());
    try {
      Files.createDirectories(target.getParent());
      write(complete, content);
      return giveName(complete, target, content);
    } catch (IOException e) {
      if (Files.notExists(target)) { // and a disk does nothing late
        throw new NotCreatedException("Cannot create " + target + ": " + e.getMessage(), e);
      }
      throw e;
    } finally {
      deleteQuietly(complete);
    }
  }

  /**
   * Gives a complete file a second name, which no file system gives twice. Where files cannot have
   * two names, only the name is taken in one act.
   *
   * @return false if the name is taken
   */
  public static boolean giveName(Path complete, Path target, byte[] content) throws IOException {
    try {
      Files.createLink(target, complete);
      return true;
    } catch (FileAlreadyExistsException e) {
      return false;
    } catch (UnsupportedOperationException | FileSystemException e) {
      return writeUnlessTaken(target, content, e);
    }
  }

  private static boolean writeUnlessTaken(Path target, byte[] content, Exception noLinks)
      throws IOException {
    try {
      write(target, content);
      return true;
    } catch (FileAlreadyExistsException e) {
      return false;
    } catch (IOException e) {
      deleteQuietly(target); // ours, a part of it
      e.addSuppressed(noLinks);
      throw e;
    }
  }

  private static void write(Path file, byte[] content) throws IOException {
    try (FileChannel channel =
        FileChannel.open(file, StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE)) {
      ByteBuffer left = ByteBuffer.wrap(content);
      while (left.hasRemaining()) {
        channel.write(left);
      }
      channel.force(true);
    }
  }

  private static void deleteQuietly(Path file) {
    try {
      Files.deleteIfExists(file);
    } catch (IOException e) {
      log.debug("A file that was to get another name stays as {}", file, e);
    }
  }

  @Override
  public void replace(String file, byte[] content) throws IOException {
    Path target = root.resolve(file);
    Path complete = target.resolveSibling(PartialNames.next());
    try {
      Files.createDirectories(target.getParent());
      write(complete, content);
      Files.move(
          complete, target, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
    } finally {
      deleteQuietly(complete);
    }
  }

  @Override
  public void delete(String path) throws IOException {
    Path target = root.resolve(path);
    if (!Files.exists(target)) {
      return;
    }
    try (Stream<Path> tree = Files.walk(target)) {
      for (Path entry : tree.sorted(Comparator.reverseOrder()).toList()) {
        Files.deleteIfExists(entry);
      }
    } catch (UncheckedIOException e) {
      throw e.getCause(); // somebody deletes beside us
    }
  }

  @Override
  public String locationOf(String path) {
    return root.resolve(path).toString();
  }
}

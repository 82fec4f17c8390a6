package io.tokenflex.checkpoint;

import io.tokenflex.storage.RandomNames;
import java.io.BufferedInputStream;
import java.io.BufferedOutputStream;
import java.io.FileOutputStream;
import java.io.FilterOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.Comparator;
import java.util.List;
import java.util.stream.Stream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Checkpoints in a folder of a local or mounted file system. */
public final class LocalCheckpointStorage implements CheckpointStorage {
  private static final Logger log = LoggerFactory.getLogger(LocalCheckpointStorage.class);

  private final Path root;

  public LocalCheckpointStorage(Path root) {
    this.root = root.toAbsolutePath();
  }

  @Override
  public List<String> list(String folder) throws IOException {
    Path path = root.resolve(folder);
    if (!Files.isDirectory(path)) {
      return List.of();
    }
    try (Stream<Path> entries = Files.list(path)) {
      return entries.map(entry -> entry.getFileName().toString()).sorted().toList();
    }
  }

  @Override
  public OutputStream create(String file) throws IOException {
    Path path = root.resolve(file);
    Files.createDirectories(path.getParent());
    FileOutputStream opened = new FileOutputStream(path.toFile());
    return new FilterOutputStream(new BufferedOutputStream(opened)) {
      @Override
      public void write(byte[] bytes, int from, int length) throws IOException {
        this.out.write(bytes, from, length);
      }

      @Override
      public void close() throws IOException {
        flush();
        opened.getFD().sync();
        super.close();
      }
    };
  }

  @Override
  public boolean createNew(String file, byte[] content) throws IOException {
    return createNew(root.resolve(file), content);
  }

  /**
   * As {@link CheckpointStorage#createNew}, for a path of a local or mounted file system: a second
   * name for a file that is complete, which no file system gives twice. Where files cannot have two
   * names, only the name is taken in one act.
   */
  public static boolean createNew(Path target, byte[] content) throws IOException {
    Files.createDirectories(target.getParent());
    Path complete = target.resolveSibling(".new-" + RandomNames.next());
    try {
      write(complete, content);
      Files.createLink(target, complete);
      return true;
    } catch (FileAlreadyExistsException e) {
      return false;
    } catch (UnsupportedOperationException | FileSystemException e) {
      if (e instanceof NoSuchFileException) {
        throw e;
      }
      return writeUnlessTaken(target, content, e);
    } finally {
      deleteQuietly(complete);
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
      log.debug("A complete file keeps its second name {}", file, e);
    }
  }

  @Override
  public InputStream open(String file) throws IOException {
    return new BufferedInputStream(Files.newInputStream(root.resolve(file)));
  }

  @Override
  public void publish(String staging, String published) throws IOException {
    Path target = root.resolve(published);
    if (Files.exists(target)) {
      throw new FileAlreadyExistsException(target.toString());
    }
    Files.move(root.resolve(staging), target, StandardCopyOption.ATOMIC_MOVE);
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

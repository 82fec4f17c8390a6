package io.tokenflex.checkpoint;

import java.io.BufferedInputStream;
import java.io.BufferedOutputStream;
import java.io.FileOutputStream;
import java.io.FilterOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.Comparator;
import java.util.List;
import java.util.stream.Stream;

/** Checkpoints in a folder of a local or mounted file system. */
public final class LocalCheckpointStorage implements CheckpointStorage {
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
  public InputStream open(String file) throws IOException {
    return new BufferedInputStream(Files.newInputStream(root.resolve(file)));
  }

  @Override
  public void publish(String staging, String published) throws IOException {
    Files.move(root.resolve(staging), root.resolve(published), StandardCopyOption.ATOMIC_MOVE);
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
    }
  }

  @Override
  public String locationOf(String path) {
    return root.resolve(path).toString();
  }
}

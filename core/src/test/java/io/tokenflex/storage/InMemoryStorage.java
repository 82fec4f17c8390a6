package io.tokenflex.storage;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.FileNotFoundException;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.file.FileAlreadyExistsException;
import java.util.Arrays;
import java.util.List;
import java.util.SortedMap;
import java.util.TreeMap;

/** Files in a map: many saves without waiting for a disk. A file holds what was written so far. */
public final class InMemoryStorage implements Storage {
  private final TreeMap<String, ByteArrayOutputStream> files = new TreeMap<>();

  @Override
  public synchronized List<String> list(String folder) {
    String prefix = folder.isEmpty() ? "" : folder + "/";
    return files.keySet().stream()
        .filter(file -> file.startsWith(prefix))
        .map(file -> file.substring(prefix.length()).split("/", 2)[0])
        .distinct()
        .toList();
  }

  /** What all files hold, by name. */
  public synchronized SortedMap<String, Integer> hashes() {
    SortedMap<String, Integer> hashes = new TreeMap<>();
    files.forEach((file, content) -> hashes.put(file, Arrays.hashCode(content.toByteArray())));
    return hashes;
  }

  @Override
  public synchronized OutputStream create(String file) throws IOException {
    ByteArrayOutputStream content = new ByteArrayOutputStream();
    if (files.putIfAbsent(file, content) != null) {
      throw new FileAlreadyExistsException(file);
    }
    return content;
  }

  @Override
  public boolean createNeverReplaces() {
    return true;
  }

  @Override
  public synchronized boolean createUnlessTaken(String file, byte[] content) {
    return files.putIfAbsent(file, holding(content)) == null;
  }

  @Override
  public synchronized void replace(String file, byte[] content) {
    files.put(file, holding(content));
  }

  /** Another storage that holds the same. */
  public synchronized InMemoryStorage copy() {
    InMemoryStorage copy = new InMemoryStorage();
    files.forEach((file, content) -> copy.files.put(file, holding(content.toByteArray())));
    return copy;
  }

  private static ByteArrayOutputStream holding(byte[] content) {
    ByteArrayOutputStream stream = new ByteArrayOutputStream();
    stream.writeBytes(content);
    return stream;
  }

  @Override
  public synchronized InputStream open(String file) throws IOException {
    if (!files.containsKey(file)) {
      throw new FileNotFoundException(file);
    }
    return new ByteArrayInputStream(files.get(file).toByteArray());
  }

  @Override
  public synchronized void delete(String path) {
    files.keySet().removeIf(file -> file.equals(path) || file.startsWith(path + "/"));
  }

  @Override
  public String locationOf(String path) {
    return "memory:" + path;
  }
}

package io.tokenflex.checkpoint;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.FileNotFoundException;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.util.Arrays;
import java.util.List;
import java.util.SortedMap;
import java.util.TreeMap;

/** Files in a map: many saves without waiting for a disk. A file holds what was written so far. */
final class InMemoryCheckpointStorage implements CheckpointStorage {
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
  synchronized SortedMap<String, Integer> hashes() {
    SortedMap<String, Integer> hashes = new TreeMap<>();
    files.forEach((file, content) -> hashes.put(file, Arrays.hashCode(content.toByteArray())));
    return hashes;
  }

  @Override
  public synchronized OutputStream create(String file) {
    ByteArrayOutputStream content = new ByteArrayOutputStream();
    files.put(file, content);
    return content;
  }

  @Override
  public synchronized boolean createNew(String file, byte[] content) {
    if (files.containsKey(file)) {
      return false;
    }
    ByteArrayOutputStream created = new ByteArrayOutputStream();
    created.writeBytes(content);
    files.put(file, created);
    return true;
  }

  @Override
  public synchronized InputStream open(String file) throws IOException {
    if (!files.containsKey(file)) {
      throw new FileNotFoundException(file);
    }
    return new ByteArrayInputStream(files.get(file).toByteArray());
  }

  @Override
  public synchronized void publish(String staging, String published) throws IOException {
    if (!list(published).isEmpty()) {
      throw new IOException(published + " exists");
    }
    List<String> moved = files.keySet().stream().filter(f -> f.startsWith(staging + "/")).toList();
    if (moved.isEmpty()) {
      throw new FileNotFoundException(staging);
    }
    for (String file : moved) {
      files.put(published + file.substring(staging.length()), files.remove(file));
    }
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

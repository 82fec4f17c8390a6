package io.tokenflex.checkpoint;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.FileNotFoundException;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.util.List;
import java.util.TreeMap;

/** Files in a map: many saves without waiting for a disk. A file holds what was written so far. */
final class InMemoryCheckpointStorage implements CheckpointStorage {
  private final TreeMap<String, ByteArrayOutputStream> files = new TreeMap<>();

  @Override
  public List<String> list(String folder) {
    String prefix = folder.isEmpty() ? "" : folder + "/";
    return files.keySet().stream()
        .filter(file -> file.startsWith(prefix))
        .map(file -> file.substring(prefix.length()).split("/", 2)[0])
        .distinct()
        .toList();
  }

  @Override
  public OutputStream create(String file) {
    ByteArrayOutputStream content = new ByteArrayOutputStream();
    files.put(file, content);
    return content;
  }

  @Override
  public InputStream open(String file) throws IOException {
    if (!files.containsKey(file)) {
      throw new FileNotFoundException(file);
    }
    return new ByteArrayInputStream(files.get(file).toByteArray());
  }

  @Override
  public void publish(String staging, String published) throws IOException {
    if (!list(published).isEmpty()) {
      throw new IOException(published + " exists");
    }
    for (String name : list(staging)) {
      files.put(published + "/" + name, files.remove(staging + "/" + name));
    }
  }

  @Override
  public void delete(String path) {
    files.keySet().removeIf(file -> file.equals(path) || file.startsWith(path + "/"));
  }

  @Override
  public String locationOf(String path) {
    return "memory:" + path;
  }
}

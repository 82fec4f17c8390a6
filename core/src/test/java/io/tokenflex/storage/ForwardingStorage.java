package io.tokenflex.storage;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.util.List;

/** Another storage, of which a test changes what it needs to. */
public abstract class ForwardingStorage implements Storage {
  private final Storage storage;

  protected ForwardingStorage(Storage storage) {
    this.storage = storage;
  }

  @Override
  public List<String> list(String folder) throws IOException {
    return storage.list(folder);
  }

  @Override
  public OutputStream create(String file) throws IOException {
    return storage.create(file);
  }

  @Override
  public boolean createUnlessTaken(String file, byte[] content) throws IOException {
    return storage.createUnlessTaken(file, content);
  }

  @Override
  public boolean createNeverReplaces() throws IOException {
    return storage.createNeverReplaces();
  }

  @Override
  public InputStream open(String file) throws IOException {
    return storage.open(file);
  }

  @Override
  public void replace(String file, byte[] content) throws IOException {
    storage.replace(file, content);
  }

  @Override
  public void delete(String path) throws IOException {
    storage.delete(path);
  }

  @Override
  public String locationOf(String path) {
    return storage.locationOf(path);
  }
}

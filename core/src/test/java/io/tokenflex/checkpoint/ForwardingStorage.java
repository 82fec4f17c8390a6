package io.tokenflex.checkpoint;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.util.List;

/** Another storage, of which a test changes what it needs to. */
abstract class ForwardingStorage implements CheckpointStorage {
  private final CheckpointStorage storage;

  ForwardingStorage(CheckpointStorage storage) {
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
  public boolean createNew(String file, byte[] content) throws IOException {
    return storage.createNew(file, content);
  }

  @Override
  public InputStream open(String file) throws IOException {
    return storage.open(file);
  }

  @Override
  public void publish(String staging, String published) throws IOException {
    storage.publish(staging, published);
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

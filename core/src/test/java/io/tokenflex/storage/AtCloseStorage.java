package io.tokenflex.storage;

import java.io.ByteArrayOutputStream;
import java.io.FilterOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.FileAlreadyExistsException;

/** As an object store with conditional creates: a file has its name, or is refused, when closed. */
public final class AtCloseStorage extends ForwardingStorage {
  public AtCloseStorage(Storage storage) {
    super(storage);
  }

  @Override
  public OutputStream create(String file) {
    ByteArrayOutputStream upload = new ByteArrayOutputStream();
    return new FilterOutputStream(upload) {
      private boolean closed;

      @Override
      public void close() throws IOException {
        if (!closed) {
          closed = true;
          if (!createUnlessTaken(file, upload.toByteArray())) {
            throw new FileAlreadyExistsException(file);
          }
        }
      }
    };
  }
}

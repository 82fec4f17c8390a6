package io.tokenflex.dataprep.storage;

import java.io.FilterOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.net.URI;
import java.nio.file.Files;
import org.apache.hadoop.fs.FSDataInputStream;
import org.apache.hadoop.fs.FSDataOutputStream;
import org.apache.hadoop.fs.FSDataOutputStreamBuilder;
import org.apache.hadoop.fs.FileAlreadyExistsException;
import org.apache.hadoop.fs.FileStatus;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.Options.CreateFileOptionKeys;
import org.apache.hadoop.fs.Path;
import org.apache.hadoop.fs.RawLocalFileSystem;
import org.apache.hadoop.util.Progressable;

/**
 * A store over local files, of either kind: one whose rename never replaces, under HDFS's scheme,
 * or one with conditional creates, as S3. Chosen calls fail before the act or after it.
 */
final class FakeStore extends RawLocalFileSystem {
  private final boolean hasConditionalCreate;
  private Fault fault = new Fault(Integer.MAX_VALUE, 0, Moment.BEFORE);
  private int calls;
  private boolean answersNoToRenames;

  enum Moment {
    BEFORE,
    AFTER
  }

  /** Calls {@code first} to {@code first + count - 1} fail, counted from 1. */
  record Fault(int first, int count, Moment moment) {}

  private interface Act<T> {
    T run() throws IOException;
  }

  FakeStore(boolean hasConditionalCreate) {
    this.hasConditionalCreate = hasConditionalCreate;
  }

  @Override
  public URI getUri() {
    return URI.create(scheme() + ":///");
  }

  String scheme() {
    return hasConditionalCreate ? "store" : "hdfs";
  }

  void fail(Fault next) {
    calls = 0;
    fault = next;
  }

  /** Ends all faults; returns how many calls there were. */
  int heal() {
    fault = new Fault(Integer.MAX_VALUE, 0, Moment.BEFORE);
    return calls;
  }

  /** From now on a rename is done and answered as if it had been refused. */
  void answerNoToRenames() {
    answersNoToRenames = true;
  }

  void put(Path path, byte[] bytes) throws IOException {
    Files.write(pathToFile(path).toPath(), bytes);
  }

  byte[] bytes(Path path) throws IOException {
    return Files.readAllBytes(pathToFile(path).toPath());
  }

  private <T> T call(String what, Act<T> act) throws IOException {
    calls++;
    boolean fails = calls >= fault.first() && calls - fault.first() < fault.count();
    if (fails && fault.moment() == Moment.BEFORE) {
      throw new IOException("injected fault before " + what);
    }
    T result = act.run();
    if (fails) {
      throw new IOException("injected fault after " + what);
    }
    return result;
  }

  @Override
  public boolean hasPathCapability(Path path, String capability) throws IOException {
    return hasConditionalCreate
        && capability.equals(CreateFileOptionKeys.FS_OPTION_CREATE_CONDITIONAL_OVERWRITE);
  }

  @Override
  public FSDataOutputStreamBuilder<?, ?> createFile(Path path) {
    return new ConditionalCreate(this, path);
  }

  private static final class ConditionalCreate
      extends FSDataOutputStreamBuilder<FSDataOutputStream, ConditionalCreate> {
    private final FakeStore store;
    private final Path path;

    ConditionalCreate(FileSystem store, Path path) {
      super(store, path);
      this.store = (FakeStore) store;
      this.path = path;
    }

    @Override
    public ConditionalCreate getThisBuilder() {
      return this;
    }

    @Override
    public FSDataOutputStream build() throws IOException {
      if (!getMandatoryKeys()
          .contains(CreateFileOptionKeys.FS_OPTION_CREATE_CONDITIONAL_OVERWRITE)) {
        throw new IOException("asked for no condition");
      }
      // As a store does it: the object appears, or is refused, when the upload ends.
      var bytes = new java.io.ByteArrayOutputStream();
      OutputStream upload =
          new FilterOutputStream(bytes) {
            private boolean isClosed;

            @Override
            public void close() throws IOException {
              if (isClosed) {
                return;
              }
              isClosed = true;
              store.call("upload", () -> store.putUnlessTaken(path, bytes.toByteArray()));
            }
          };
      return store.call("create", () -> new FSDataOutputStream(upload, null));
    }
  }

  private Void putUnlessTaken(Path path, byte[] bytes) throws IOException {
    if (pathToFile(path).exists()) {
      throw new FileAlreadyExistsException("412 Precondition Failed: " + path);
    }
    put(path, bytes);
    return null;
  }

  @Override
  public FSDataOutputStream create(
      Path path,
      boolean overwrite,
      int bufferSize,
      short replication,
      long blockSize,
      Progressable progress)
      throws IOException {
    FSDataOutputStream file =
        call(
            "create",
            () -> super.create(path, overwrite, bufferSize, replication, blockSize, progress));
    OutputStream closing =
        new FilterOutputStream(file) {
          private boolean isClosed;

          @Override
          public void close() throws IOException {
            if (isClosed) {
              return;
            }
            isClosed = true;
            call(
                "close",
                () -> {
                  file.close();
                  return null;
                });
          }
        };
    return new FSDataOutputStream(closing, null);
  }

  @Override
  public FSDataInputStream open(Path path, int bufferSize) throws IOException {
    return call("open", () -> super.open(path, bufferSize));
  }

  @Override
  public boolean rename(Path from, Path to) throws IOException {
    return call(
        "rename",
        () -> {
          if (pathToFile(to).exists()) {
            return false;
          }
          return super.rename(from, to) && !answersNoToRenames;
        });
  }

  @Override
  public boolean delete(Path path, boolean recursive) throws IOException {
    return call("delete", () -> super.delete(path, recursive));
  }

  @Override
  public boolean exists(Path path) throws IOException {
    return call("exists", () -> super.exists(path));
  }

  @Override
  public FileStatus getFileStatus(Path path) throws IOException {
    return call("status", () -> super.getFileStatus(path));
  }

  @Override
  public FileStatus[] listStatus(Path path) throws IOException {
    return call("list", () -> super.listStatus(path));
  }
}

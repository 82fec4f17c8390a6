package io.tokenflex.dataprep.storage;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.tokenflex.storage.Storage;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.lang.reflect.Constructor;
import java.net.URI;
import java.nio.file.Path;
import java.util.List;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.FSDataOutputStream;
import org.apache.hadoop.fs.FSError;
import org.apache.hadoop.fs.FilterFileSystem;
import org.apache.hadoop.fs.RawLocalFileSystem;
import org.apache.hadoop.util.Progressable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** On a disk through Hadoop, and on stores that are none to it. */
class HadoopStorageTest extends StorageContract {
  @TempDir private Path folder;

  /** store:///x is /x, without the names and acts of a local file system. */
  public static final class Store extends FilterFileSystem {
    public Store() {
      super(
          new RawLocalFileSystem() {
            @Override
            protected void checkPath(org.apache.hadoop.fs.Path path) {}
          });
    }

    @Override
    public URI getUri() {
      return URI.create("store:///");
    }

    @Override
    public String getScheme() {
      return "store";
    }

    @Override
    public void initialize(URI uri, Configuration conf) throws IOException {
      fs.initialize(URI.create("file:///"), conf);
      setConf(conf);
    }

    @Override
    protected void checkPath(org.apache.hadoop.fs.Path path) {}
  }

  /** full:///x is /x on a disk without space: Hadoop throws an error. */
  public static final class Full extends RawLocalFileSystem {
    @Override
    public URI getUri() {
      return URI.create("full:///");
    }

    @Override
    public String getScheme() {
      return "full";
    }

    @Override
    protected void checkPath(org.apache.hadoop.fs.Path path) {}

    @Override
    public FSDataOutputStream create(
        org.apache.hadoop.fs.Path file,
        boolean overwrite,
        int bufferSize,
        short replication,
        long blockSize,
        Progressable progress) {
      OutputStream full =
          new OutputStream() {
            @Override
            public void write(int b) {
              throw error();
            }
          };
      return new FSDataOutputStream(full, null);
    }

    /** Its constructor is Hadoop's own. */
    private static FSError error() {
      try {
        Constructor<FSError> constructor = FSError.class.getDeclaredConstructor(Throwable.class);
        constructor.setAccessible(true);
        return constructor.newInstance(new IOException("No space left on device"));
      } catch (ReflectiveOperationException e) {
        throw new IllegalStateException(e);
      }
    }
  }

  private HadoopStorage storage(String scheme) throws IOException {
    Configuration hadoop = new Configuration();
    hadoop.setClass("fs.store.impl", Store.class, org.apache.hadoop.fs.FileSystem.class);
    hadoop.setClass("fs.full.impl", Full.class, org.apache.hadoop.fs.FileSystem.class);
    return new HadoopStorage(scheme + "://" + folder.resolve(scheme), hadoop);
  }

  @Override
  Storage newStorage() throws IOException {
    return storage("file");
  }

  @Test
  void aStoreWithoutAConditionRefusesANameThatIsTaken() throws IOException {
    HadoopStorage storage = storage("store");
    assertThat(storage.createUnlessTaken("a/b", "first".getBytes(UTF_8))).isTrue();
    assertThat(storage.createUnlessTaken("a/b", "second".getBytes(UTF_8))).isFalse();
    try (InputStream in = storage.open("a/b")) {
      assertThat(in.readAllBytes()).isEqualTo("first".getBytes(UTF_8));
    }
  }

  @Test
  void ofAStoreWithoutAConditionNobodyKnowsWhatALateWriterReplaces() throws IOException {
    assertThat(storage("store").createNeverReplaces()).isFalse();
    assertThat(storage("full").createNeverReplaces()).as("a disk by another name").isTrue();
    for (boolean hasConditionalCreate : List.of(true, false)) {
      FakeStore store = new FakeStore(hasConditionalCreate);
      store.initialize(store.getUri(), new Configuration());
      org.apache.hadoop.fs.Path root =
          new org.apache.hadoop.fs.Path(store.scheme() + "://" + folder.resolve(store.scheme()));
      assertThat(new HadoopStorage(store, root).createNeverReplaces()).isTrue();
    }
  }

  @Test
  void aFullDiskIsAnExceptionThatNamesTheFileAndTheReason() throws IOException {
    HadoopStorage storage = storage("full");
    OutputStream out = storage.create("step-1/model.safetensors");
    assertThatThrownBy(() -> out.write(new byte[100]))
        .isInstanceOf(IOException.class)
        .hasMessageContaining("step-1/model.safetensors: No space left on device");
  }
}

package io.tokenflex.jobs.train;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.lang.reflect.Constructor;
import java.net.URI;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.FSDataOutputStream;
import org.apache.hadoop.fs.FSError;
import org.apache.hadoop.fs.FilterFileSystem;
import org.apache.hadoop.fs.RawLocalFileSystem;
import org.apache.hadoop.util.Progressable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The promises of the storage, on local files and on a store that is none to Hadoop. */
class HadoopCheckpointStorageTest {
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

  private HadoopCheckpointStorage storage(String scheme) throws IOException {
    Configuration hadoop = new Configuration();
    hadoop.setClass("fs.store.impl", Store.class, org.apache.hadoop.fs.FileSystem.class);
    hadoop.setClass("fs.full.impl", Full.class, org.apache.hadoop.fs.FileSystem.class);
    return new HadoopCheckpointStorage(scheme + "://" + folder.resolve(scheme), hadoop);
  }

  private static void write(HadoopCheckpointStorage storage, String file) throws IOException {
    try (OutputStream out = storage.create(file)) {
      out.write(file.getBytes(UTF_8));
    }
  }

  private static String read(HadoopCheckpointStorage storage, String file) throws IOException {
    try (InputStream in = storage.open(file)) {
      return new String(in.readAllBytes(), UTF_8);
    }
  }

  @Test
  void ofManyThatCreateAFileOneDoesAndItsContentStays() throws Exception {
    HadoopCheckpointStorage storage = storage("file");
    ExecutorService pool = Executors.newFixedThreadPool(8);
    for (int round = 0; round < 20; round++) {
      String file = "log/" + round;
      List<Future<Boolean>> all = new ArrayList<>();
      for (int i = 0; i < 8; i++) {
        byte[] content = ("writer " + i).getBytes(UTF_8);
        all.add(pool.submit(() -> storage.createNew(file, content)));
      }
      List<Integer> winners = new ArrayList<>();
      for (int i = 0; i < 8; i++) {
        if (all.get(i).get(1, TimeUnit.MINUTES)) {
          winners.add(i);
        }
      }
      assertThat(winners).hasSize(1);
      assertThat(read(storage, file)).isEqualTo("writer " + winners.get(0));
    }
    pool.shutdown();
    assertThat(storage.list("log")).hasSize(20);
  }

  @Test
  void aNameThatIsTakenIsNotReplacedWhereverItLies() throws IOException {
    for (String scheme : List.of("file", "store")) {
      HadoopCheckpointStorage storage = storage(scheme);
      assertThat(storage.createNew("a/b", "first".getBytes(UTF_8))).as(scheme).isTrue();
      assertThat(storage.createNew("a/b", "second".getBytes(UTF_8))).as(scheme).isFalse();
      assertThat(read(storage, "a/b")).isEqualTo("first");
    }
  }

  @Test
  void aFolderGetsAFreeNameWithAllItHolds() throws IOException {
    for (String scheme : List.of("file", "store")) {
      HadoopCheckpointStorage storage = storage(scheme);
      List<String> files = List.of("manifest.json", "adapter/weights", "model.safetensors");
      for (String file : files) {
        write(storage, ".staging/" + file);
      }
      storage.publish(".staging", "step-1");
      for (String file : files) {
        assertThat(read(storage, "step-1/" + file)).isEqualTo(".staging/" + file);
      }
      assertThat(storage.list("")).containsExactly("step-1");

      write(storage, ".other/manifest.json");
      assertThatThrownBy(() -> storage.publish(".other", "step-1"))
          .as(scheme)
          .isInstanceOf(IOException.class)
          .hasMessageContaining("step-1 exists");
      assertThatThrownBy(() -> storage.publish(".none", "step-2"))
          .as(scheme)
          .isInstanceOf(IOException.class);
      assertThat(storage.list("step-1")).hasSize(3);
    }
  }

  @Test
  void aFullDiskIsAnExceptionThatNamesTheFileAndTheReason() throws IOException {
    HadoopCheckpointStorage storage = storage("full");
    assertThatThrownBy(() -> write(storage, "step-1/model.safetensors"))
        .isInstanceOf(IOException.class)
        .hasMessageContaining("step-1/model.safetensors: No space left on device");
  }
}

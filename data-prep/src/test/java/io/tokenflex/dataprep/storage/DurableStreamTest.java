package io.tokenflex.dataprep.storage;

import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.io.OutputStream;
import org.apache.hadoop.fs.FSDataOutputStream;
import org.apache.hadoop.fs.Path;
import org.apache.hadoop.fs.StreamCapabilities;
import org.apache.hadoop.fs.Syncable;
import org.junit.jupiter.api.Test;

class DurableStreamTest {
  /** As the stream of HDFS: once it has failed, all its calls throw the same exception. */
  private static final class BrokenStream extends OutputStream
      implements Syncable, StreamCapabilities {
    private final IOException failure = new IOException("the lease is another's");

    @Override
    public void write(int b) throws IOException {
      throw failure;
    }

    @Override
    public void flush() throws IOException {
      throw failure;
    }

    @Override
    public void hflush() throws IOException {
      throw failure;
    }

    @Override
    public void hsync() throws IOException {
      throw failure;
    }

    @Override
    public boolean hasCapability(String capability) {
      return true;
    }

    @Override
    public void close() throws IOException {
      throw failure;
    }
  }

  private static DurableStream broken() {
    return new DurableStream(
        new Path("/run/file"), new FSDataOutputStream(new BrokenStream(), null));
  }

  @Test
  void aStreamThatThrowsOneExceptionAgainAndAgainFailsWithAnIoException() {
    assertThatThrownBy(() -> broken().close())
        .isInstanceOf(IOException.class)
        .hasMessage("Cannot write /run/file: the lease is another's");
  }

  @Test
  void soItDoesWhereWritingFailedBefore() {
    assertThatThrownBy(
            () -> {
              try (DurableStream stream = broken()) {
                stream.write(new byte[] {1, 2, 3});
              }
            })
        .isInstanceOf(IOException.class)
        .hasMessage("Cannot write /run/file: the lease is another's");
  }
}

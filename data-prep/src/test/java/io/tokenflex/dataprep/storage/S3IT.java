package io.tokenflex.dataprep.storage;

import static org.assertj.core.api.Assertions.assertThat;

import io.tokenflex.dataprep.testing.S3Server;
import java.io.IOException;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.Path;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** On S3 through Hadoop's S3A; the store is an S3-compatible server in this JVM. */
class S3IT extends DatasetStorageContract {
  private static S3Server server;
  private static int numRoots;

  @BeforeAll
  static void startServer() throws ReflectiveOperationException, IOException {
    server = S3Server.start(java.nio.file.Path.of(System.getProperty("tokenflex.s3.server")));
    server.createBucket("bucket");
  }

  @AfterAll
  static void stopServer() throws ReflectiveOperationException, IOException {
    server.close();
  }

  @Override
  Configuration configuration() {
    Configuration configuration = new Configuration();
    configuration.set("fs.s3a.impl", "org.apache.hadoop.fs.s3a.S3AFileSystem");
    configuration.set("fs.s3a.endpoint", server.endpoint());
    configuration.set("fs.s3a.endpoint.region", "us-east-1");
    configuration.set("fs.s3a.path.style.access", "true");
    configuration.set("fs.s3a.multipart.size", "5M"); // what is larger is uploaded in parts
    configuration.set("fs.s3a.connection.ssl.enabled", "false");
    configuration.set("fs.s3a.access.key", "any");
    configuration.set("fs.s3a.secret.key", "any");
    return configuration;
  }

  @Override
  Path newRoot() {
    return new Path("s3a://bucket/test-" + numRoots++);
  }

  @Test
  void theStoreIsAskedToCreateOnlyWhatIsNotThere() throws IOException {
    Path path = newRoot();
    try (FileSystem storage = FileSystem.newInstance(path.toUri(), configuration())) {
      assertThat(storage.hasPathCapability(path, "fs.option.create.conditional.overwrite"))
          .isTrue();
    }
  }
}

package io.tokenflex.dataprep.storage;

import java.io.IOException;
import java.nio.file.Path;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.hdfs.MiniDFSCluster;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.io.TempDir;

/** On HDFS: a name node and a data node in this JVM, reached through their sockets. */
class HdfsIT extends DatasetStorageContract {
  @TempDir static Path folder;
  private static MiniDFSCluster cluster;
  private static int numRoots;

  @BeforeAll
  static void startCluster() throws IOException {
    Configuration configuration = new Configuration();
    cluster = new MiniDFSCluster.Builder(configuration, folder.toFile()).numDataNodes(1).build();
    cluster.waitActive();
  }

  @AfterAll
  static void stopCluster() {
    cluster.shutdown(/* deleteDfsDir= */ true);
  }

  @Override
  Configuration configuration() {
    Configuration configuration = new Configuration();
    // A file is closed when the name node has heard of its last block; the client asks, and asks
    // again after this time, 400 ms if nothing is set.
    configuration.set("dfs.client.block.write.locateFollowingBlock.initial.delay.ms", "5");
    return configuration;
  }

  @Override
  org.apache.hadoop.fs.Path newRoot() {
    return new org.apache.hadoop.fs.Path(cluster.getURI() + "/test-" + numRoots++);
  }
}

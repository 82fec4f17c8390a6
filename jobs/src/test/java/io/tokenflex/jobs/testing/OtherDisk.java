package io.tokenflex.jobs.testing;

import java.io.File;
import java.net.URI;
import org.apache.hadoop.fs.Path;
import org.apache.hadoop.fs.RawLocalFileSystem;

/** The local disk under the scheme {@code otherdisk}: to readers it is a remote storage. */
public final class OtherDisk extends RawLocalFileSystem {
  /** The setting that makes the scheme known to Hadoop. */
  public static final String SETTING = "fs.otherdisk.impl";

  /** The setting that keeps it from being shared by tests that do not set the other. */
  public static final String UNCACHED = SETTING + ".disable.cache";

  @Override
  public String getScheme() {
    return "otherdisk";
  }

  @Override
  public URI getUri() {
    return URI.create("otherdisk:///");
  }

  @Override
  public File pathToFile(Path path) {
    return new File(path.toUri().getPath());
  }
}

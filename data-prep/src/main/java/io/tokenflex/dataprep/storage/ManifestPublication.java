package io.tokenflex.dataprep.storage;

import io.tokenflex.storage.Publication;
import io.tokenflex.storage.StateUnknownException;
import io.tokenflex.storage.Storage;
import java.io.IOException;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.Path;

/** The one act by which a manifest takes its name, which it never takes from another. */
public final class ManifestPublication {
  private final Path target;
  private final Storage folder;

  public ManifestPublication(FileSystem fileSystem, Path target) {
    this.target = target;
    this.folder = new HadoopStorage(fileSystem, target.getParent());
  }

  /**
   * Publishes.
   *
   * @param json the manifest; no two runs write the same bytes
   * @return whether the name now holds these bytes; false if it holds another's
   * @throws DatasetStateUnknownException if that cannot be told
   * @throws IOException if the name certainly does not and will not hold these bytes
   */
  public boolean publish(byte[] json) throws IOException {
    try {
      return Publication.publish(folder, target.getName(), json);
    } catch (StateUnknownException e) {
      throw new DatasetStateUnknownException(
          "Whether "
              + target
              + " was published cannot be told ("
              + e.getCause()
              + "). Nothing was deleted. Run again: a version that was published is found; if it was not, the"
              + " records are prepared anew, and 'tokenflex expire' removes what is left of this run",
          e.getCause());
    }
  }
}

package io.tokenflex.dataprep.input;

import io.tokenflex.dataprep.dataset.Manifest.InputIdentity;
import io.tokenflex.dataprep.source.ImageFolder;
import io.tokenflex.dataprep.source.SourceFile;
import io.tokenflex.dataprep.source.SourceFormat;
import java.io.IOException;
import java.io.Serializable;
import java.util.Optional;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.Path;

/**
 * One input file of a run.
 *
 * @param number of the file in this run, from 0, in the order of inputs and paths
 */
public record InputFile(int number, InputConfig input, InputIdentity identity, SourceFormat format)
    implements Serializable {

  public String path() {
    return identity.path();
  }

  SourceFile open(Configuration configuration) throws IOException {
    Path path = new Path(path());
    return new SourceFile(path.getFileSystem(configuration), path);
  }

  public Optional<ImageFolder> imageFolder(Configuration configuration) throws IOException {
    return input.imageFolder().isEmpty()
        ? Optional.empty()
        : Optional.of(ImageFolder.at(input.imageFolder(), configuration));
  }
}

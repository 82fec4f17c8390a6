package io.tokenflex.dataprep.shard;

import io.tokenflex.failure.InvalidInputException;
import io.tokenflex.samples.Sample;
import java.util.List;
import java.util.Locale;

/**
 * A sample with the columns that only preparations need.
 *
 * @param recordDigest of the record as read from its source
 * @param identities of the sample's images, in order
 */
public record StoredSample(Sample sample, String recordDigest, List<ImageIdentity> identities) {
  /**
   * Digests of an image's content, for finding duplicates.
   *
   * @param pixelsSha256 empty if not computed
   * @param perceptualHash 0 if not computed
   */
  public record ImageIdentity(String pixelsSha256, long perceptualHash) {}

  public StoredSample {
    identities = List.copyOf(identities);
    if (identities.size() != sample.images().size()) {
      throw new InvalidInputException(
          String.format(
              Locale.ROOT,
              "Sample %s has %d images but %d identities",
              sample.id(),
              sample.images().size(),
              identities.size()));
    }
  }
}

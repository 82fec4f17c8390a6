package io.tokenflex.dataprep.dedup;

import io.tokenflex.failure.InvalidInputException;
import java.io.Serializable;
import java.util.regex.Pattern;

/**
 * Fingerprint of an image. Equal pixels must have equal perceptual hashes.
 *
 * @param pixelsSha256 {@link io.tokenflex.image.PixelDigest}: 64 lower-case hex digits
 * @param perceptualHash {@link io.tokenflex.image.PerceptualHash}
 */
public record ImageFingerprint(String pixelsSha256, long perceptualHash) implements Serializable {
  private static final long serialVersionUID = 1;

  private static final Pattern DIGEST = Pattern.compile("[0-9a-f]{64}");

  public ImageFingerprint {
    if (!DIGEST.matcher(pixelsSha256).matches()) {
      throw new InvalidInputException(
          "pixelsSha256 is '" + pixelsSha256 + "'; expected 64 lower-case hex digits");
    }
  }
}

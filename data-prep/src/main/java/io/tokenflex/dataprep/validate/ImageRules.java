package io.tokenflex.dataprep.validate;

import io.tokenflex.dataprep.source.Digests;
import io.tokenflex.dataprep.source.ImageFolder;
import io.tokenflex.image.ImageDecodeException;
import io.tokenflex.image.ImageDecoder;
import io.tokenflex.image.RgbImage;
import java.io.FileNotFoundException;
import java.io.IOException;
import java.util.LinkedHashMap;
import java.util.Map;

/** Checks on image files: each is read and decoded completely. */
final class ImageRules {
  /** Records about one picture stand close together; its second decoding would tell nothing new. */
  private static final int NUM_REMEMBERED = 64;

  private final ImageFolder folder;
  private final int maxImageBytes;
  private final ImageDecoder decoder;
  private final Map<String, CheckedImage> remembered =
      new LinkedHashMap<>(16, 0.75f, true) {
        private static final long serialVersionUID = 1;

        @Override
        protected boolean removeEldestEntry(Map.Entry<String, CheckedImage> eldest) {
          return size() > NUM_REMEMBERED;
        }
      };

  ImageRules(ImageFolder folder, int maxImageBytes, long maxPixels) {
    this.folder = folder;
    this.maxImageBytes = maxImageBytes;
    this.decoder = new ImageDecoder(maxPixels);
  }

  CheckedImage check(String name) throws RecordRejectedException, IOException {
    if (!ImageFolder.isInside(name)) {
      throw new RecordRejectedException(
          RejectReason.IMAGE_OUTSIDE_FOLDER,
          "The image name must be a plain path below the image folder",
          name);
    }
    CheckedImage known = remembered.get(name);
    if (known == null) {
      known = decode(name);
      remembered.put(name, known);
    }
    return known;
  }

  private CheckedImage decode(String name) throws RecordRejectedException, IOException {
    byte[] bytes;
    try {
      bytes = folder.read(name, maxImageBytes);
    } catch (FileNotFoundException e) {
      throw new RecordRejectedException(
          RejectReason.IMAGE_MISSING, "There is no such file in the image folder", name);
    }
    if (bytes.length > maxImageBytes) {
      throw new RecordRejectedException(
          RejectReason.IMAGE_FILE_TOO_LARGE,
          "The file has more than %d bytes".formatted(maxImageBytes),
          name);
    }
    try {
      RgbImage image = decoder.decode(bytes);
      return new CheckedImage(name, image.width(), image.height(), Digests.sha256Hex(bytes));
    } catch (ImageDecodeException e) {
      throw new RecordRejectedException(reasonOf(e), e.getMessage(), name);
    }
  }

  private static RejectReason reasonOf(ImageDecodeException refusal) {
    return switch (refusal.reason()) {
      case NOT_AN_IMAGE -> RejectReason.IMAGE_NOT_AN_IMAGE;
      case DAMAGED -> RejectReason.IMAGE_DAMAGED;
      case TOO_LARGE -> RejectReason.IMAGE_TOO_MANY_PIXELS;
      case UNSUPPORTED -> RejectReason.IMAGE_UNSUPPORTED;
    };
  }
}

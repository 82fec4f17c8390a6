package io.tokenflex.dataprep.validate;

import io.tokenflex.dataprep.dedup.DedupConfig;
import io.tokenflex.dataprep.pack.PackWriter;
import io.tokenflex.dataprep.pack.PackedImage;
import io.tokenflex.dataprep.record.RecordRejectedException;
import io.tokenflex.dataprep.record.RejectReason;
import io.tokenflex.dataprep.record.SourceImage;
import io.tokenflex.dataprep.source.ImageFolder;
import io.tokenflex.digest.Digests;
import io.tokenflex.image.ImageDecodeException;
import io.tokenflex.image.ImageDecoder;
import io.tokenflex.image.ImageNormalization;
import io.tokenflex.image.ImageNormalizer;
import io.tokenflex.image.NormalizedImage;
import io.tokenflex.image.PerceptualHash;
import io.tokenflex.image.PixelDigest;
import io.tokenflex.image.RgbImage;
import java.io.FileNotFoundException;
import java.io.IOException;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;

/** Checks on images: each is loaded, fully decoded, prepared for storage and packed. */
public final class ImageRules {
  /**
   * Size of the cache of checked images; records that share an image are usually close together.
   */
  private static final int NUM_REMEMBERED = 64;

  private final Optional<ImageFolder> folder;
  private final int maxImageBytes;
  private final ImageDecoder decoder;
  private final ImageNormalizer normalizer;
  private final DedupConfig dedup;
  private final PackWriter pack;
  private final Map<String, PackedImage> remembered =
      new LinkedHashMap<>(16, 0.75f, true) {
        private static final long serialVersionUID = 1;

        @Override
        protected boolean removeEldestEntry(Map.Entry<String, PackedImage> eldest) {
          return size() > NUM_REMEMBERED;
        }
      };

  /**
   * Creates the rules for one input.
   *
   * @param folder of named images; empty if the input has none
   * @param pack receives the accepted images
   */
  public ImageRules(
      Optional<ImageFolder> folder,
      RecordLimits limits,
      ImageNormalization normalization,
      DedupConfig dedup,
      PackWriter pack) {
    this.folder = folder;
    this.maxImageBytes = Math.toIntExact(limits.maxImageBytes());
    this.decoder = new ImageDecoder(limits.ofImages());
    this.normalizer = new ImageNormalizer(normalization);
    this.dedup = dedup;
    this.pack = pack;
  }

  PackedImage check(SourceImage image) throws RecordRejectedException, IOException {
    if (image instanceof SourceImage.Embedded embedded) {
      return pack(embedded.name(), embedded.bytes());
    }
    PackedImage known = remembered.get(image.name());
    if (known == null) {
      known = pack(image.name(), fetch(image.name()));
      remembered.put(image.name(), known);
    }
    return known;
  }

  private byte[] fetch(String name) throws RecordRejectedException, IOException {
    if (folder.isEmpty()) {
      throw new RecordRejectedException(
          RejectReason.IMAGE_MISSING,
          "The record names an image but its input has no imageFolder; set it",
          name);
    }
    if (!ImageFolder.isInside(name)) {
      throw new RecordRejectedException(
          RejectReason.IMAGE_OUTSIDE_FOLDER,
          "The image name must be a plain path below the image folder",
          name);
    }
    try {
      return folder.get().read(name, maxImageBytes);
    } catch (FileNotFoundException e) {
      throw new RecordRejectedException(
          RejectReason.IMAGE_MISSING,
          e.getCause() == null ? "There is no such file in the image folder" : e.getMessage(),
          name);
    }
  }

  private PackedImage pack(String name, byte[] file) throws RecordRejectedException, IOException {
    if (file.length > maxImageBytes) {
      throw new RecordRejectedException(
          RejectReason.IMAGE_FILE_TOO_LARGE,
          String.format(Locale.ROOT, "The file has more than %d bytes", maxImageBytes),
          name);
    }
    RgbImage decoded;
    try {
      decoded = decoder.decode(file);
    } catch (ImageDecodeException e) {
      throw new RecordRejectedException(reasonOf(e), e.getMessage(), name);
    }
    NormalizedImage stored = normalizer.normalize(file, decoded);
    return new PackedImage(
        pack.path(),
        pack.append(stored.bytes()),
        stored.bytes().length,
        stored.width(),
        stored.height(),
        Digests.sha256Hex(stored.bytes()),
        dedup.searchesAny() ? PixelDigest.of(decoded) : "",
        dedup.searchesNear() ? PerceptualHash.of(decoded) : 0);
  }

  private static RejectReason reasonOf(ImageDecodeException refusal) {
    return switch (refusal.reason()) {
      case NOT_AN_IMAGE -> RejectReason.IMAGE_NOT_AN_IMAGE;
      case DAMAGED -> RejectReason.IMAGE_DAMAGED;
      case TOO_LARGE -> RejectReason.IMAGE_TOO_LARGE;
      case TOO_SMALL -> RejectReason.IMAGE_TOO_SMALL;
      case TOO_ELONGATED -> RejectReason.IMAGE_TOO_ELONGATED;
      case UNSUPPORTED -> RejectReason.IMAGE_UNSUPPORTED;
    };
  }
}

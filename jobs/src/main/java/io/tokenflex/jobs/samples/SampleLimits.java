package io.tokenflex.jobs.samples;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.tokenflex.batches.Collator;
import io.tokenflex.batches.DecodedPixels;
import io.tokenflex.batches.PixelTransform;
import io.tokenflex.batches.SampleEncoder;
import io.tokenflex.digest.Digests;
import io.tokenflex.image.ImageTransform;
import io.tokenflex.image.LevelNormalization;
import io.tokenflex.jobs.config.RunConfig;
import io.tokenflex.jobs.run.ModelFolder;
import io.tokenflex.jobs.run.RunText;
import io.tokenflex.modelfolder.ImageProcessorJson;
import io.tokenflex.samples.EncodedImage;
import io.tokenflex.text.ChatTemplate;
import io.tokenflex.text.ModelText;
import io.tokenflex.text.Tokenizer;
import io.tokenflex.tokens.VisionTokenCount;
import java.io.IOException;
import java.io.Serializable;
import java.util.Collections;
import java.util.TreeMap;
import org.apache.hadoop.conf.Configuration;

/**
 * What decides whether a model can be trained on a sample, as far as it is known without decoding
 * pictures.
 *
 * @param imageProcessor content of {@code preprocessor_config.json}: how many tiles a picture
 *     becomes; empty where each is one
 * @param largestCount most vision tokens that a tile becomes
 * @param maxPositions longest sequence that the model takes
 */
@SuppressWarnings("ArrayRecordComponent") // shipped, never compared
public record SampleLimits(
    ModelText text, byte[] imageProcessor, int largestCount, int maxPositions)
    implements Serializable {
  private static final byte[] ONE_TILE = {};
  private static final String IMAGE_PROCESSOR = "the image processor";

  /** No limit but that of the text's template. */
  public static SampleLimits ofTextAlone(ModelText text) {
    return new SampleLimits(text, ONE_TILE, 1, Integer.MAX_VALUE);
  }

  /** Those of a run. */
  public static SampleLimits of(RunConfig run, Configuration hadoop) throws IOException {
    ImageTransform transform =
        run.pretrained().isPresent()
            ? ModelFolder.of(run.pretrained().get(), hadoop).imageTransform()
            : run.pixels().transform(run.model().vision().imageSize());
    return new SampleLimits(
        RunText.read(run.pretrained(), run.tokenizer(), hadoop),
        ImageProcessorJson.write(transform),
        Collections.max(run.tokens().counts()),
        run.model().language().maxPositionEmbeddings());
  }

  /** Whether the model's length is a limit. */
  public boolean hasMaxPositions() {
    return maxPositions < Integer.MAX_VALUE;
  }

  VisionTokenCount largest() {
    return VisionTokenCount.of(largestCount);
  }

  /** Tiles that a picture becomes. */
  public int numTiles(int width, int height) throws IOException {
    return imageProcessor.length == 0
        ? 1
        : ImageProcessorJson.read(imageProcessor, IMAGE_PROCESSOR).numTiles(width, height);
  }

  /** The rule by which training would judge samples. */
  public SampleEncoder encoder(Tokenizer tokenizer) throws IOException {
    ChatTemplate template = text.template(tokenizer);
    PixelTransform pixels =
        imageProcessor.length == 0
            ? new OneTile()
            : new DecodedPixels(ImageProcessorJson.read(imageProcessor, IMAGE_PROCESSOR));
    return new SampleEncoder(
        template,
        new Collator(pixels, template.imageTokenId(), template.endOfTurnId(), maxPositions));
  }

  /** Equal for limits that judge every sample alike. */
  String digest() {
    StringBuilder all = new StringBuilder();
    all.append(Digests.sha256Hex(text.tokenizerJson()));
    new TreeMap<>(text.otherFiles())
        .forEach((name, content) -> all.append(name).append(Digests.sha256Hex(content)));
    all.append(new String(imageProcessor, UTF_8)).append(' ').append(largestCount);
    return Digests.sha256Hex(all.append(' ').append(maxPositions).toString());
  }

  /** Counts tiles only: nobody asks it for pixels. */
  private static final class OneTile implements PixelTransform {
    @Override
    public int imageSize() {
      return 1;
    }

    @Override
    public LevelNormalization normalization() {
      return LevelNormalization.SIGLIP;
    }

    @Override
    public void write(EncodedImage image, byte[] levels, int offset) {
      throw new UnsupportedOperationException("Pictures are not decoded here");
    }
  }
}

package io.tokenflex.modelfolder;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.tokenflex.image.CenterCropTransform;
import io.tokenflex.image.ImageTransform;
import io.tokenflex.image.LevelNormalization;
import io.tokenflex.image.ResampleFilter;
import io.tokenflex.image.ResizeTransform;
import io.tokenflex.image.TilingTransform;
import java.io.IOException;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ImageProcessorJsonTest {
  /** JSON with apostrophes for quotation marks. */
  private static byte[] json(String text) {
    return text.replace('\'', '"').getBytes(UTF_8);
  }

  private static ImageTransform read(String type, String keys) throws IOException {
    return ImageProcessorJson.read(
        json("{'image_processor_type': '%s'%s}".formatted(type, keys)), "m/p.json");
  }

  private static ImageTransform readInternVl(String keys) throws IOException {
    return ImageProcessorJson.readInternVl(json("{" + keys + "}"), "m/c.json", Optional.empty());
  }

  @Test
  void aSizeMayBeANumber() throws IOException {
    assertThat(read("SiglipImageProcessor", ", 'size': 384")).isEqualTo(ImageTransform.siglip(384));
    assertThat(read("CLIPImageProcessor", ", 'size': 336, 'crop_size': 334"))
        .isEqualTo(
            new CenterCropTransform(
                336, 334, 334, ResampleFilter.BICUBIC, LevelNormalization.CLIP));
  }

  @Test
  void nullIsAnOmittedKey() throws IOException {
    assertThat(
            read(
                "SiglipImageProcessorFast",
                ", 'size': {'height': 384, 'width': 384}, 'crop_size': null, 'do_center_crop': null"
                    + ", 'image_mean': null, 'do_rescale': null"))
        .isEqualTo(ImageTransform.siglip(384));
  }

  @Test
  void filesOfOldNameTheirFeatureExtractor() throws IOException {
    byte[] old = json("{'feature_extractor_type': 'CLIPFeatureExtractor', 'size': 224}");
    assertThat(ImageProcessorJson.read(old, "old")).isEqualTo(read("CLIPImageProcessor", ""));
  }

  @Test
  void oneMeanStandsForThreeAndWhatIsOffChangesNothing() throws IOException {
    ResizeTransform transform =
        (ResizeTransform) read("SiglipImageProcessor", ", 'image_mean': 0.25, 'do_rescale': false");
    assertThat(transform.normalization())
        .isEqualTo(
            new LevelNormalization(1, List.of(.25f, .25f, .25f), LevelNormalization.SIGLIP.std()));
    transform = (ResizeTransform) read("SiglipImageProcessor", ", 'do_normalize': false");
    assertThat(transform.normalization())
        .isEqualTo(new LevelNormalization(1.0 / 255, List.of(0f, 0f, 0f), List.of(1f, 1f, 1f)));
  }

  @Test
  void internVlTilesThoughItsFileSaysNot() throws IOException {
    String size = ", 'size': {'height': 448, 'width': 448}, 'crop_to_patches': false";
    assertThat(read("GotOcr2ImageProcessorFast", size)).isInstanceOf(ResizeTransform.class);
    assertThat(read("GotOcr2ImageProcessorFast", size + ", 'processor_class': 'InternVLProcessor'"))
        .isEqualTo(new TilingTransform(448, 1, 12, true, LevelNormalization.CLIP));
  }

  @Test
  void tilesWithoutThumbnailAreWrittenUnderANameThatTransformersRefuses() throws IOException {
    byte[] written =
        ImageProcessorJson.write(
            new TilingTransform(448, 1, 6, false, LevelNormalization.IMAGENET));
    assertThat(new String(written, UTF_8)).contains("TokenFlexTilingImageProcessor");
  }

  @Test
  void internVlsConfigSaysHowPicturesAreTiled() throws IOException {
    String size = "'force_image_size': 384, 'vision_config': {'model_type': 'siglip_vision_model'}";
    assertThat(
            readInternVl(
                size
                    + ", 'dynamic_image_size': true, 'use_thumbnail': true"
                    + ", 'min_dynamic_patch': 2, 'max_dynamic_patch': 10"))
        .isEqualTo(new TilingTransform(384, 2, 10, true, LevelNormalization.SIGLIP));
    assertThat(readInternVl(size)).isEqualTo(ImageTransform.siglip(384));
  }

  @Test
  void internVlsDefaultsAreThoseOfItsConfigurationClass() throws IOException {
    assertThat(readInternVl("'dynamic_image_size': true, 'force_image_size': null"))
        .isEqualTo(new TilingTransform(448, 1, 6, false, LevelNormalization.IMAGENET));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "Qwen2VLImageProcessor | | image_processor_type Qwen2VLImageProcessor is not supported;"
            + " take a model whose processor is SiglipImageProcessor, CLIPImageProcessor or"
            + " GotOcr2ImageProcessor",
        "SiglipImageProcessor | 'do_resize': false | do_resize is false: every picture would keep a"
            + " size of its own; set it to true",
        "SiglipImageProcessor | 'do_center_crop': true | do_center_crop is true: a SigLIP processor"
            + " does not crop; set it to false",
        "SiglipImageProcessor | 'resample': 0 | resample is 0; supported are 1 (Lanczos), 2"
            + " (bilinear) and 3 (bicubic)",
        "SiglipImageProcessor | 'size': {'shortest_edge': 3} | size is {\"shortest_edge\":3};"
            + " expected a number or {height, width}",
        "SiglipImageProcessor | 'size': 0 | height is 0; expected 1 to 16384",
        "SiglipImageProcessor | 'size': 2.5 | size is 2.5; expected a whole number",
        "SiglipImageProcessor | 'do_normalize': 'no' | do_normalize is \"no\"; expected true or"
            + " false",
        "SiglipImageProcessor | 'image_std': [1, 2] | image_std is [1,2]; expected a number or"
            + " three",
        "CLIPImageProcessor | 'do_center_crop': false | do_center_crop is false and size is a"
            + " shortest_edge, so every picture would keep a shape of its own; set it to true",
        "CLIPImageProcessor | 'size': {'height': 8, 'width': 9} | size is 8 x 9 but crop_size is"
            + " 224 x 224; resizing to a fixed size is supported without cropping",
        "CLIPImageProcessor | 'size': {'shortest_edge': 8, 'longest_edge': 9} | size is"
            + " {\"shortest_edge\":8,\"longest_edge\":9}; expected a number, {shortest_edge} or"
            + " {height, width}",
        "GotOcr2ImageProcessor | 'crop_to_patches': true, 'resample': 2 | resample is 2 with"
            + " crop_to_patches, which transformers' slow processor ignores and its fast one"
            + " follows; set it to 3 (bicubic)",
        "GotOcr2ImageProcessor | 'crop_to_patches': true, 'size': {'height': 8, 'width': 9} | size"
            + " is 8 x 9; tiles must be square",
      })
  void whatIsNotSupportedIsRefusedByName(String type, String keys, String message) {
    assertThatThrownBy(() -> read(type, keys == null ? "" : ", " + keys))
        .isInstanceOf(IOException.class)
        .hasMessage("m/p.json cannot be used: " + message);
  }

  @Test
  void aFileThatIsNoProcessorIsNamed() {
    assertThatThrownBy(() -> ImageProcessorJson.read(json("{}"), "m/p.json"))
        .isInstanceOf(IOException.class)
        .hasMessageStartingWith("m/p.json cannot be used: it names no image_processor_type; add ");
    assertThatThrownBy(() -> ImageProcessorJson.read(json("{"), "m/p.json"))
        .isInstanceOf(IOException.class)
        .hasMessageStartingWith("m/p.json is no JSON: ");
    assertThatThrownBy(() -> ImageProcessorJson.read(json("[]"), "m/p.json"))
        .isInstanceOf(IOException.class)
        .hasMessageStartingWith("m/p.json is no JSON object");
    assertThatThrownBy(() -> readInternVl("'pad2square': true"))
        .isInstanceOf(IOException.class)
        .hasMessage(
            "m/c.json cannot be used: pad2square is true: padding is not supported; set it to"
                + " false");
  }
}

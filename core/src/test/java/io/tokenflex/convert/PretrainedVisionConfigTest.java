package io.tokenflex.convert;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.tokenflex.model.VisionActivation;
import io.tokenflex.model.VisionConfig;
import io.tokenflex.model.VisionFamily;
import io.tokenflex.model.VisionNorm;
import io.tokenflex.names.VisionFormat;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class PretrainedVisionConfigTest {
  private static final VisionConfig CLIP_BASE =
      new VisionConfig(
          VisionFamily.CLIP,
          768,
          3072,
          12,
          12,
          224,
          32,
          1e-5,
          VisionActivation.QUICK_GELU,
          VisionNorm.LAYER_NORM,
          true,
          false,
          -1);
  private static final VisionConfig INTERNVIT_6B =
      new VisionConfig(
          VisionFamily.INTERNVIT,
          3200,
          12_800,
          48,
          25,
          224,
          14,
          1e-6,
          VisionActivation.GELU,
          VisionNorm.RMS_NORM,
          false,
          true,
          -1);

  @Test
  void whatSiglipLeavesOutIsTheBaseModels() {
    String config = "{'model_type':'siglip','vision_config':{'model_type':'siglip_vision_model'}}";
    assertThat(read(config)).isEqualTo(new VisionConfig(768, 3072, 12, 12, 224, 16, 1e-6));
    assertThat(read("{'model_type':'siglip','vision_config':{}}")).isEqualTo(read(config));
    assertThat(read("{'model_type':'siglip'}")).isEqualTo(read(config));
  }

  @Test
  void siglipAt384HasPatchesForAllButTheLastPixels() {
    VisionConfig config =
        read(
            "{'model_type':'siglip','vision_config':{'hidden_size':1152,'image_size':384,"
                + "'intermediate_size':4304,'model_type':'siglip_vision_model',"
                + "'num_attention_heads':16,'num_hidden_layers':27,'patch_size':14}}");
    assertThat(config).isEqualTo(new VisionConfig(1152, 4304, 27, 16, 384, 14, 1e-6));
    assertThat(config.gridSide()).isEqualTo(27);
  }

  @Test
  void whatClipLeavesOutIsOpenAis() {
    assertThat(read("{'model_type':'clip_vision_model'}")).isEqualTo(CLIP_BASE);
  }

  @Test
  void anOldClipFolderIsReadByItsVisionConfigDict() {
    VisionConfig config =
        read(
            "{'model_type':'clip','vision_config':{'hidden_size':1,'patch_size':99},"
                + "'vision_config_dict':{'hidden_size':1024,'num_attention_heads':16}}");
    assertThat(config.hiddenSize()).isEqualTo(1024);
    assertThat(config.patchSize()).isEqualTo(32);
  }

  @Test
  void theTowerInsideALlavaIsFound() {
    VisionConfig config =
        read("{'model_type':'llava','vision_config':{'model_type':'clip_vision_model'}}");
    assertThat(config).isEqualTo(CLIP_BASE);
  }

  @Test
  void whatInternVitLeavesOutIsThe6Bs() {
    assertThat(read("{'model_type':'intern_vit_6b'}")).isEqualTo(INTERNVIT_6B);
    assertThat(read("{'model_type':'internvl_chat','vision_config':{'image_size':448}}"))
        .isEqualTo(INTERNVIT_6B.withImageSize(448));
  }

  @Test
  void thePortsSidesMayBePairs() {
    VisionConfig config =
        read(
            "{'model_type':'internvl','vision_config':{'attention_bias':true,"
                + "'image_size':[448,448],'patch_size':[14,14]}}");
    assertThat(config)
        .isEqualTo(
            new VisionConfig(
                VisionFamily.INTERNVIT,
                1024,
                4096,
                24,
                16,
                448,
                14,
                1e-6,
                VisionActivation.GELU,
                VisionNorm.LAYER_NORM,
                true,
                false,
                -1));
  }

  @Test
  void whatIsWrittenIsReadBack() {
    VisionConfig siglip = new VisionConfig(24, 33, 5, 6, 29, 7, 1e-7);
    assertThat(writtenAndRead(VisionFormat.SIGLIP, siglip)).isEqualTo(siglip);
    assertThat(writtenAndRead(VisionFormat.CLIP, CLIP_BASE)).isEqualTo(CLIP_BASE);
    assertThat(writtenAndRead(VisionFormat.INTERNVIT, INTERNVIT_6B)).isEqualTo(INTERNVIT_6B);
    assertThat(writtenAndRead(VisionFormat.INTERNVL, INTERNVIT_6B)).isEqualTo(INTERNVIT_6B);
  }

  @Test
  void aTowerOfAnotherFamilyIsNotWritten() {
    assertThatThrownBy(() -> PretrainedVisionConfig.write(VisionFormat.SIGLIP, CLIP_BASE))
        .hasMessage(
            "A tower of CLIP cannot be written as siglip_vision_model; take a format of its family");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          {'model_type':'siglip_vision_model','hidden_act':'relu'} | hidden_act is "relu"
          {'model_type':'siglip_vision_model','num_channels':1} | num_channels is 1
          {'model_type':'siglip_vision_model','hidden_size':'768'} | hidden_size is "768"
          {'model_type':'siglip_vision_model','hidden_size':770} | vision.numAttentionHeads = 12 does not divide
          {'model_type':'clip_vision_model','hidden_act':'gelu_pytorch_tanh'} | expected [quick_gelu, gelu]
          {'model_type':'intern_vit_6b','norm_type':'batch_norm'} | norm_type is "batch_norm"
          {'model_type':'intern_vit_6b','qkv_bias':1} | qkv_bias is 1
          {'model_type':'internvl_vision','image_size':[448,224]} | image_size is [448,224]
          {'model_type':'internvl_vision','use_mean_pooling':false} | use_mean_pooling is false
          {'model_type':'internvl_vision','use_mask_token':true} | use_mask_token is true
          {'model_type':'internvl_vision','use_absolute_position_embeddings':false} | use_absolute_position_embeddings is false
          {'model_type':'internvl_vision','use_qk_norm':true,'layer_norm_eps':1e-5} | layer_norm_eps is 1.0E-5
          {'model_type':'siglip2'} | take a SigLIP 2 of fixed resolution
          {'model_type':'siglip2','vision_config':{'model_type':'siglip2_vision_model'}} | model_type is "siglip2_vision_model"
          {'model_type':'vit'} | model_type is "vit"
          """)
  void whatIsNotSupportedIsNamed(String config, String message) {
    assertThatThrownBy(() -> read(config))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageStartingWith("m/config.json: ")
        .hasMessageContaining(message);
  }

  private static VisionConfig writtenAndRead(VisionFormat format, VisionConfig config) {
    JsonNode written = PretrainedVisionConfig.write(format, config);
    assertThat(PretrainedVisionConfig.format(written, "m")).isEqualTo(format);
    return PretrainedVisionConfig.read(written, "m");
  }

  private static VisionConfig read(String json) {
    try {
      return PretrainedVisionConfig.read(
          new ObjectMapper().readTree(json.replace('\'', '"')), "m/config.json");
    } catch (JsonProcessingException e) {
      throw new IllegalStateException(e);
    }
  }
}

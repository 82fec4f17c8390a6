package io.tokenflex.jobs.config;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.typesafe.config.Config;
import com.typesafe.config.ConfigFactory;
import io.tokenflex.config.InvalidConfigException;
import io.tokenflex.convert.ModelImport;
import io.tokenflex.distributed.Collective;
import io.tokenflex.jobs.run.ModelFolder;
import io.tokenflex.model.LanguageConfig;
import io.tokenflex.model.RopeScaling;
import io.tokenflex.model.TokenFlexModel;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.apache.hadoop.conf.Configuration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class ConfTest {
  private static final Path CONF = Path.of("..", "conf");

  private static final Path EIGHT_GPUS = CONF.resolve("siglip-so400m-qwen2.5-3b-8gpu.conf");
  private static final long GB = 1_000_000_000;

  static List<Path> everyFile() throws IOException {
    try (Stream<Path> files = Files.list(CONF)) {
      return files.filter(file -> file.toString().endsWith(".conf")).sorted().toList();
    }
  }

  @ParameterizedTest
  @MethodSource("everyFile")
  void everyFileInConfIsACompleteRun(Path file) {
    RunConfig config = RunConfig.load(file, List.of()).config();

    assertThat(config.cluster().sparkSettings()).isNotEmpty();
    assertThat(config.tokens().schedule(config.run().seed()).counts()).isNotEmpty();
  }

  /** The formula is that of docs/operations.md, Memory. */
  @Test
  void theRunOnEightGpusTakesTheMemoryThatItNamesAndSumsWithNccl() {
    RunConfig config = RunConfig.load(EIGHT_GPUS, List.of()).config();
    long states = 16 * TokenFlexModel.numParameters(config.model());
    assertThat(states).as("bytes of weights, gradients and moments").isBetween(56L * GB, 58L * GB);
    assertThat(config.train().collective()).isEqualTo(Collective.NCCL);
    assertThat(config.train().microBatchSize() * config.cluster().executors())
        .as("one micro-batch a step and rank")
        .isEqualTo(config.train().globalBatchSize());
    assertThat(config.cluster().sparkSettings())
        .containsEntry("spark.executor.resource.gpu.amount", "1")
        .containsEntry("spark.executorEnv.NCCL_DEBUG", "WARN")
        .containsEntry("spark.executorEnv.PYTORCH_FLAVOR", "cu128")
        .containsEntry("spark.executorEnv.CUDA_DEVICE_ORDER", "PCI_BUS_ID");
  }

  @Test
  void theRunOnEightGpusIsRefusedWhereItCannotRun() {
    assertThatThrownBy(() -> RunConfig.load(EIGHT_GPUS, List.of("cluster.gpusPerExecutor=0")))
        .isInstanceOf(InvalidConfigException.class)
        .hasMessageContaining("train.collective is nccl, which sums on GPUs")
        .hasMessageContaining("set train.collective = auto");
    assertThatThrownBy(
            () ->
                RunConfig.load(
                    EIGHT_GPUS,
                    List.of("cluster.master=\"local[8]\"", "cluster.deployMode=client")))
        .isInstanceOf(InvalidConfigException.class)
        .hasMessageContaining("master is local[8], where Spark gives tasks no GPUs");
    assertThatThrownBy(() -> RunConfig.load(EIGHT_GPUS, List.of("cluster.gpusPerExecutor=8")))
        .isInstanceOf(InvalidConfigException.class)
        .hasMessageContaining("a node with several GPUs runs as many executors");
  }

  @Test
  void theQuickstartLiesInTheJarAndTakesItsFolderFromTheCommandLine() {
    RunConfig config =
        RunConfig.loadResource("conf/quickstart.conf", List.of("run.dir=/tmp/elsewhere")).config();

    assertThat(config.data().train()).isEqualTo("/tmp/elsewhere/data/train");
    assertThat(config.prepare().heldout().orElseThrow().inputs().get(0).path())
        .isEqualTo("/tmp/elsewhere/sample/heldout.json");
    assertThat(config.sample()).isPresent();
  }

  @Test
  void defaultsSetOnlyWhatARunMayLeaveOut() {
    Config defaults = ConfigFactory.parseResources("tokenflex-reference.conf");

    assertThat(defaults.hasPath("run.dir")).isFalse();
    assertThat(defaults.hasPath("model.vision.hiddenSize")).isFalse();
    assertThat(defaults.hasPath("model.language.hiddenSize")).isFalse();
    assertThat(defaults.hasPath("train.maxSteps")).isFalse();
  }

  @Test
  void theDecoderIsQwen2UnlessAFamilyIsAskedFor() {
    Path quickstart = CONF.resolve("quickstart.conf");
    LanguageConfig language = RunConfig.load(quickstart, List.of()).config().model().language();
    assertThat(language.qkvBias()).isTrue();
    assertThat(language.qkNorm()).isFalse();
    assertThat(language.ropeScaling()).isEqualTo(new RopeScaling.None());

    List<String> llama =
        List.of(
            "model.language.qkvBias=false",
            "model.language.ropeScaling={type=llama3, factor=8, lowFreqFactor=1, highFreqFactor=4,"
                + " originalMaxPositionEmbeddings=512}");
    assertThat(RunConfig.load(quickstart, llama).config().model().language().ropeScaling())
        .isEqualTo(new RopeScaling.Llama3(8, 1, 4, 512));
  }

  @Test
  void aPretrainedModelBringsItsShapeAndTheRunMayChangeIt(@TempDir Path folder) throws IOException {
    Path published = Path.of("../core/src/test/resources/golden/whole/tokenflex_siglip_qwen2");
    new ModelImport(ModelImport.Options.defaults(), line -> {})
        .fromModel(published, folder.resolve("start"));
    Path conf =
        Files.writeString(
            folder.resolve("run.conf"),
            """
            run.dir = runs/first
            pretrained = "%s"
            model.language.maxPositionEmbeddings = 512
            data { train = a, heldout = b }
            prepare.train.inputs = [{ path = c }]
            train {
              maxSteps = 4, globalBatchSize = 8, microBatchSize = 2, checkpointEverySteps = 2
              optimizer { learningRate = 1e-3, warmupSteps = 1 }
            }
            evaluate { numVisionTokens = [4], maxNewTokens = 2, batchSize = 8 }
            cluster.executors = 2
            """
                .formatted(folder.resolve("start")));

    RunConfig config = RunConfig.load(conf, List.of()).config();
    assertThat(config.pretrained()).hasValue("file:" + folder.resolve("start"));
    assertThat(config.model().language().maxPositionEmbeddings()).isEqualTo(512);
    assertThat(config.model().vision())
        .isEqualTo(
            ModelFolder.of(folder.resolve("start").toString(), new Configuration())
                .config()
                .vision());
    String lora = "train.lora={rank=4, alpha=8, targets=[%s]}";
    assertThat(
            RunConfig.load(conf, List.of(lora.formatted("q_proj"), "train.lora.adapter=some"))
                .config()
                .train()
                .lora()
                .orElseThrow()
                .adapter())
        .hasValue("file:" + Path.of("some").toAbsolutePath());
    assertThatThrownBy(() -> RunConfig.load(conf, List.of(lora.formatted("query"))))
        .isInstanceOf(InvalidConfigException.class)
        .hasMessageContaining("train.lora.targets: query is the name or the end");
    assertThatThrownBy(
            () -> RunConfig.load(conf, List.of(lora.formatted("q_proj"), "train.lora.dropout=0.1")))
        .hasMessageContaining("Unknown key train.lora.dropout");
    assertThatThrownBy(() -> RunConfig.load(conf, List.of("train.lora.rank=4")))
        .hasMessageContaining("alpha is missing; give one, for instance alpha = 32");
    assertThatThrownBy(() -> RunConfig.load(conf, List.of("tokenizer=other.json")))
        .hasMessageContaining("remove tokenizer");
    assertThatThrownBy(() -> RunConfig.load(conf, List.of("pretrained=/nowhere")))
        .isInstanceOf(InvalidConfigException.class)
        .hasMessageContaining("/nowhere holds no config.json");
  }

  @Test
  void anUnknownKeyFails() {
    assertThatThrownBy(() -> load("train.maxStep=3"))
        .isInstanceOf(InvalidConfigException.class)
        .hasMessageContaining("Unknown key train.maxStep ")
        .hasMessageContaining("did you mean maxSteps?");
  }

  @Test
  void adaptersNeedAModelThatIsThere() {
    assertThatThrownBy(() -> load("train.lora={rank=4, alpha=8, targets=[q_proj]}"))
        .isInstanceOf(InvalidConfigException.class)
        .hasMessageContaining("train.lora is set but pretrained is not");
  }

  @Test
  void executorsMustDivideTheLanes() {
    assertThatThrownBy(() -> load("cluster.executors=3"))
        .isInstanceOf(InvalidConfigException.class)
        .hasMessageContaining("worldSize 3 does not divide train.lanes 4");
  }

  @Test
  void aTokenCountThatIsNoSquareFails() {
    assertThatThrownBy(() -> load("evaluate.numVisionTokens=[64, 99]"))
        .isInstanceOf(InvalidConfigException.class)
        .hasMessageContaining("evaluate.numVisionTokens")
        .hasMessageContaining("99 vision tokens do not form a square grid; take 81 or 100");
  }

  @Test
  void aWrongLimitPointsAtItsLine() {
    assertThatThrownBy(() -> load("prepare.limits.minSide=0"))
        .isInstanceOf(InvalidConfigException.class)
        .hasMessageContaining("minSide is 0; expected at least 1");
  }

  private static void load(String setting) {
    RunConfig.load(CONF.resolve("quickstart.conf"), List.of(setting));
  }
}

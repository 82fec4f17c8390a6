package io.tokenflex.convert;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import com.fasterxml.jackson.databind.JsonNode;
import io.tokenflex.Golden;
import io.tokenflex.Parity;
import io.tokenflex.lora.AdapterTensors;
import io.tokenflex.lora.LoraConfig;
import io.tokenflex.lora.LoraLayout;
import io.tokenflex.lora.PeftAdapter;
import io.tokenflex.lora.PeftConfig;
import io.tokenflex.model.Segment;
import io.tokenflex.names.ExportedNames;
import io.tokenflex.optimizer.AdamW;
import io.tokenflex.optimizer.OptimizerConfig;
import io.tokenflex.safetensors.SafetensorsWriter;
import io.tokenflex.safetensors.TensorInfo.ElementType;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.net.URISyntaxException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.stream.LongStream;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** LoRA against PEFT; tools/golden/lora.py wrote what is expected. */
class LoraGoldenTest {
  private static final String QWEN2 = "tokenflex_siglip_qwen2";
  private static final String QWEN3 = "tokenflex_internvl_qwen3";
  private static final String LLAMA3 = "tokenflex_clip_llama3";
  private static final int COUNT = 4;
  private static final Path FOR_PYTHON = Path.of("target", "adapters-for-python");

  @TempDir private Path folder;

  private static Path adapterOf(String name) {
    try {
      return Path.of(LoraGoldenTest.class.getResource("/golden/lora/" + name).toURI());
    } catch (URISyntaxException e) {
      throw new AssertionError(e);
    }
  }

  /** The base with its adapter, as a run that goes on with the adapter has it. */
  private final class Adapted implements AutoCloseable {
    final WholeGolden base;
    final Golden expected;
    final LoadedFolder loaded;
    final LoraLayout layout;
    final ExportedNames names;

    Adapted(String name) throws IOException {
      base = WholeGolden.of(name);
      expected = Golden.load("lora/" + name + "/expected");
      Path start = folder.resolve("start");
      base.importInto(start, WholeGolden.OPTIONS, new ArrayList<>());
      loaded = new LoadedFolder(start);
      names = new ExportedNames(loaded.config());
      PeftAdapter adapter = PeftAdapter.read(adapterOf(name));
      List<String> targets =
          name.equals(QWEN3) ? List.of(LoraLayout.ALL_LINEAR) : adapter.config().targets();
      LoraConfig config =
          new LoraConfig(
              Optional.empty(),
              Optional.empty(),
              Optional.of(targets),
              Optional.empty(),
              Optional.empty(),
              Optional.of(name));
      Optional<PeftAdapter> given = Optional.of(adapter);
      layout = new LoraLayout(loaded.config(), config.resolve(given), given, segment -> false);
      layout.enableTraining(loaded.model());
      new AdapterTensors(loaded.model()).copyFrom(adapter);
      loaded.model().adapters().orElseThrow().attach();
    }

    float[] logits() {
      long[] ids = base.expected().longs("inputs.input_ids." + COUNT);
      return loaded.logits(ids, base.pictures(), COUNT);
    }

    double addGradients() {
      return loaded.loss(
          base.expected().longs("inputs.input_ids." + COUNT), labels(), base.pictures(), COUNT);
    }

    long[] labels() {
      return base.expected().longs("inputs.labels." + COUNT);
    }

    String peftName(String our) {
      int lora = our.lastIndexOf(".lora_");
      String weight = names.exported(lora < 0 ? our : our.substring(0, lora) + ".weight");
      return PeftAdapter.PREFIX
          + (lora < 0 ? weight : weight.replaceFirst("\\.weight$", our.substring(lora)));
    }

    double difference(String below, Map<String, NDArray> actual) {
      assertThat(actual.keySet().stream().map(this::peftName))
          .containsExactlyInAnyOrderElementsOf(expected.below(below).keySet());
      double max = 0;
      for (Map.Entry<String, NDArray> entry : actual.entrySet()) {
        String key = below + peftName(entry.getKey());
        max =
            Math.max(
                max,
                Parity.maxDifference(key, entry.getValue().toFloatArray(), expected.floats(key)));
      }
      return max;
    }

    byte[] tensors() throws IOException {
      ByteArrayOutputStream out = new ByteArrayOutputStream();
      new AdapterTensors(loaded.model()).write(out);
      return out.toByteArray();
    }

    @Override
    public void close() {
      loaded.close();
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {QWEN2, QWEN3, LLAMA3})
  void anAdaptedModelComputesAndTrainsAsPeftDoes(String name) throws IOException {
    try (Adapted adapted = new Adapted(name)) {
      assertThat(adapted.tensors())
          .isEqualTo(Files.readAllBytes(adapterOf(name).resolve(PeftAdapter.WEIGHTS)));
      record(
          name,
          "logits",
          Parity.maxDifference(
              "logits", adapted.logits(), adapted.expected.floats("outputs.logits")));
      double loss = adapted.addGradients();
      float expectedLoss = adapted.expected.floats("outputs.loss")[0];
      assertThat(loss).isCloseTo(expectedLoss, within(Golden.TOLERANCE));
      record(name, "loss", Math.abs(loss - expectedLoss));
      record(
          name,
          "gradients",
          adapted.difference("grads.", adapted.loaded.model().parameters().namedGradients()));

      train(adapted);
      Map<String, NDArray> trained = new TreeMap<>();
      for (Segment segment : adapted.loaded.model().trainedSegments()) {
        trained.putAll(segment.namedWeights());
      }
      record(name, "trained adapter", adapted.difference("trained.", trained));
      float[] logits = adapted.logits();
      record(
          name,
          "trained logits",
          Parity.maxDifference(
              "trained logits", logits, adapted.expected.floats("outputs.trained_logits")));
      leaveForPython(name, adapted, logits);
    }
  }

  /** The first step's gradients are there already. */
  private static void train(Adapted adapted) {
    JsonNode facts = adapted.expected.config();
    JsonNode settings = facts.get("optimizer");
    double rate = settings.get("lr").doubleValue();
    OptimizerConfig optimizer =
        new OptimizerConfig(
            rate,
            0,
            1,
            settings.get("betas").get(0).doubleValue(),
            settings.get("betas").get(1).doubleValue(),
            settings.get("eps").doubleValue(),
            settings.get("weight_decay").doubleValue(),
            1);
    NDManager manager = adapted.loaded.model().manager();
    List<Segment> trained = adapted.loaded.model().trainedSegments();
    AdamW adamW = new AdamW(manager, adapted.loaded.model().kernels(), trained, optimizer);
    NDList gradients = new NDList(trained.stream().map(Segment::gradients).toArray(NDArray[]::new));
    long valid = LongStream.of(adapted.labels()).skip(1).filter(label -> label != -100).count();
    int steps = facts.get("steps").intValue();
    for (int step = 1; step <= steps; step++) {
      if (step > 1) {
        adapted.addGradients();
      }
      NDList division = new NDList(manager.create((float) valid), manager.create(0f));
      adamW.update(division, step, rate);
      adapted.loaded.model().adapters().orElseThrow().merge();
      adapted.loaded.model().kernels().run("zero_", gradients);
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {QWEN2, QWEN3, LLAMA3})
  void anImportWithAnAdapterEqualsPeftsMerge(String name) throws IOException {
    WholeGolden base = WholeGolden.of(name);
    Golden expected = Golden.load("lora/" + name + "/expected");
    Path plain = folder.resolve("plain");
    Path merged = folder.resolve("merged");
    base.importInto(plain, WholeGolden.OPTIONS, new ArrayList<>());
    List<String> progress = new ArrayList<>();
    new ModelImport(WholeGolden.OPTIONS, progress::add)
        .fromModel(base.folder(), PeftAdapter.read(adapterOf(name)), merged);

    assertThat(progress).contains("merged " + adapterOf(name));
    Map<String, WholeGolden.Tensor> before = WholeGolden.tensors(plain);
    double max = 0;
    int changed = 0;
    try (LoadedFolder loaded = new LoadedFolder(merged)) {
      ExportedNames names = new ExportedNames(loaded.config());
      Map<String, float[]> peft = expected.below("merged.");
      for (Map.Entry<String, WholeGolden.Tensor> tensor : WholeGolden.tensors(merged).entrySet()) {
        float[] actual = tensor.getValue().values();
        float[] wanted = peft.get(names.exported(tensor.getKey()));
        if (wanted == null) {
          assertThat(actual).as(tensor.getKey()).isEqualTo(before.get(tensor.getKey()).values());
        } else {
          changed++;
          max = Math.max(max, Parity.maxDifference(tensor.getKey(), actual, wanted));
        }
      }
      assertThat(changed).isEqualTo(peft.size()).isPositive();
      record(
          name,
          "logits after a merge",
          Parity.maxDifference(
              "logits",
              loaded.logits(
                  base.expected().longs("inputs.input_ids." + COUNT), base.pictures(), COUNT),
              expected.floats("outputs.logits")));
    }
    record(name, "merged weights", max);
  }

  private static void record(String name, String measure, double value) {
    Parity.record("lora", name, measure, value);
  }

  /** For tools/golden/check_adapter.py. */
  private void leaveForPython(String name, Adapted adapted, float[] logits) throws IOException {
    Path left = FOR_PYTHON.resolve(name);
    deleteTree(left);
    new ModelExport(ElementType.F32, line -> {})
        .whole(folder.resolve("start"), left.resolve("base"));
    Path adapter = Files.createDirectories(left.resolve("adapter"));
    Files.write(adapter.resolve(PeftConfig.FILE_NAME), adapted.layout.configJson());
    Files.write(adapter.resolve(PeftAdapter.WEIGHTS), adapted.tensors());
    try (OutputStream out = Files.newOutputStream(left.resolve("computed.safetensors"));
        NDArray values = adapted.loaded.model().manager().create(logits)) {
      SafetensorsWriter.write(out, Map.of("logits", values));
    }
    assertThat(PeftAdapter.read(adapter).modules()).isEqualTo(adapted.layout.adapted().keySet());
  }

  private static void deleteTree(Path tree) throws IOException {
    if (Files.exists(tree)) {
      try (var files = Files.walk(tree)) {
        Path[] innermostFirst = files.toArray(Path[]::new);
        Arrays.sort(innermostFirst, Comparator.reverseOrder());
        for (Path file : innermostFirst) {
          Files.delete(file);
        }
      }
    }
  }
}

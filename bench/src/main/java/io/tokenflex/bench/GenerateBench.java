package io.tokenflex.bench;

import ai.djl.Device;
import io.tokenflex.distributed.Precision;
import io.tokenflex.failure.InvalidInputException;
import io.tokenflex.generate.Answer;
import io.tokenflex.generate.GenerationConfig;
import io.tokenflex.generate.Prompt;
import io.tokenflex.generate.TextGenerator;
import io.tokenflex.text.ChatTemplate;
import io.tokenflex.text.HuggingFaceTokenizer;
import io.tokenflex.text.ModelText;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** Our side of the benchmark of generation; {@code bench/generate/run} runs it beside PyTorch. */
@Command(
    name = "generate-bench",
    description = "Makes the inputs of the benchmark of generation, or measures our side of it.",
    mixinStandardHelpOptions = true)
public final class GenerateBench {
  private static final long SEED = 11;

  /**
   * What is timed; where a model computes with one thread, other work hardly moves its own time.
   */
  enum Clock {
    WALL,
    CPU;

    long nanos() {
      return this == WALL
          ? System.nanoTime()
          : ManagementFactory.getThreadMXBean().getCurrentThreadCpuTime();
    }
  }

  private GenerateBench() {}

  /** Runs {@code make} or {@code run}. */
  public static void main(String[] arguments) {
    System.exit(
        new CommandLine(new GenerateBench())
            .setCaseInsensitiveEnumValuesAllowed(true)
            .execute(arguments));
  }

  @Command(
      name = "make",
      description =
          "Writes a model with random weights (ours under model/, for Python under python/) and"
              + " prompts with pictures.",
      mixinStandardHelpOptions = true)
  void make(
      @Parameters(paramLabel = "FOLDER", description = "to be made") Path folder,
      @Option(names = "--size", description = "as of step-bench", defaultValue = "20m") String size,
      @Option(names = "--batch", description = "prompts answered together", required = true)
          int batch,
      @Option(names = "--batches", description = "1 to check and 2 a repetition", required = true)
          int batches,
      @Option(names = "--count", description = "vision tokens a picture", defaultValue = "256")
          int count)
      throws IOException {
    long imageTokenId = new StepModel(BenchModel.of(size)).write(folder, List.of(count));
    GenerateInputs inputs =
        new GenerateInputs(
            GenerateInputs.questions(batch * batches, SEED),
            List.of(),
            batch,
            count,
            BenchModel.IMAGE_SIZE,
            imageTokenId);
    inputs.drawPictures(folder, SEED);
    inputs.withIds(ids(folder, inputs)).write(folder);
  }

  /** Token ids of all prompts, the image token at each vision token. */
  private static List<List<Long>> ids(Path folder, GenerateInputs inputs) throws IOException {
    ModelText text = ModelText.read(ModelText.Folder.of(folder.resolve(StepModel.OURS)));
    List<List<Long>> all = new ArrayList<>();
    try (HuggingFaceTokenizer tokenizer = text.openTokenizer()) {
      ChatTemplate template = text.template(tokenizer);
      for (List<Prompt> batch : inputs.batches(folder)) {
        for (Prompt prompt : batch) {
          List<Long> ids = new ArrayList<>();
          for (long id : template.encodePrompt("bench", prompt.turns(), prompt.images()).ids()) {
            int repeats = id == inputs.imageTokenId() ? inputs.visionTokens() : 1;
            ids.addAll(Collections.nCopies(repeats, id));
          }
          all.add(ids);
        }
      }
    }
    return all;
  }

  @Command(
      name = "run",
      description = "Answers the prompts and prints tokens and seconds as JSON.",
      mixinStandardHelpOptions = true)
  void run(
      @Parameters(paramLabel = "FOLDER", description = "that make wrote") Path folder,
      @Option(names = "--dtype", description = "fp32 or bf16", defaultValue = "fp32")
          Precision precision,
      @Option(names = "--new-tokens", defaultValue = "64") int newTokens,
      @Option(
              names = "--clock",
              description = "wall, or cpu: of this thread",
              defaultValue = "wall")
          Clock clock)
      throws IOException {
    GenerateInputs inputs = GenerateInputs.read(folder);
    List<List<Prompt>> batches = inputs.batches(folder);
    try (TextGenerator generator =
        TextGenerator.load(folder.resolve(StepModel.OURS), Device.cpu(), precision)) {
      List<List<Long>> tokens = new ArrayList<>();
      batches.get(0).forEach(prompt -> tokens.add(new ArrayList<>()));
      generator.generate(
          batches.get(0),
          inputs.visionTokens(),
          GenerationConfig.greedy(newTokens),
          (prompt, token, text) -> tokens.get(prompt).add(token));
      List<Double> first = new ArrayList<>();
      List<Double> all = new ArrayList<>();
      for (int i = 1; i + 1 < batches.size(); i += 2) {
        first.add(seconds(clock, generator, batches.get(i), inputs.visionTokens(), 1));
        all.add(seconds(clock, generator, batches.get(i + 1), inputs.visionTokens(), newTokens));
      }
      BenchResult.print(
          Map.of(
              "tokens", tokens,
              "batchSize", inputs.batchSize(),
              "newTokens", newTokens,
              "firstTokenSeconds", first,
              "allTokensSeconds", all));
    }
  }

  private static double seconds(
      Clock clock, TextGenerator generator, List<Prompt> batch, int visionTokens, int newTokens) {
    long start = clock.nanos();
    List<Answer> answers = generator.generate(batch, visionTokens, newTokens);
    double seconds = (clock.nanos() - start) / 1e9;
    for (Answer answer : answers) {
      if (answer.numNewTokens() != newTokens) {
        throw new InvalidInputException(
            String.format(
                Locale.ROOT,
                "An answer ended after %d of %d tokens, so that the sides would do different work;"
                    + " take another size",
                answer.numNewTokens(),
                newTokens));
      }
    }
    return seconds;
  }
}

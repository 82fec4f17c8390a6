package io.tokenflex.jobs.cli;

import static java.nio.charset.StandardCharsets.UTF_8;

import ai.djl.engine.Engine;
import io.tokenflex.cuda.PyTorchLibrary;
import io.tokenflex.failure.InvalidInputException;
import io.tokenflex.generate.Prompt;
import io.tokenflex.generate.TextGenerator;
import io.tokenflex.image.ImageDecodeException;
import io.tokenflex.jobs.answers.Slice;
import io.tokenflex.jobs.chat.Answering;
import io.tokenflex.jobs.chat.ChatSession;
import io.tokenflex.jobs.config.ClusterConfig;
import io.tokenflex.jobs.run.ModelFolder;
import io.tokenflex.jobs.train.HeldModel;
import io.tokenflex.samples.EncodedImage;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import org.apache.hadoop.conf.Configuration;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

@Command(
    name = "chat",
    mixinStandardHelpOptions = true,
    description = {
      "Talks with a model about pictures: each line of the standard input is a turn, the answer is"
          + " written while it is generated, then its tokens a second.",
      "A line  /new  forgets the conversation but not the pictures; the end of the input or  /quit "
          + " ends it. Exit status: 0 done, 2 an option does not fit or a turn could not be"
          + " answered, 3 a file is missing or damaged."
    })
final class ChatCommand implements SparkCommand, Callable<Integer> {
  @Option(
      names = "--image",
      paramLabel = "FILE",
      description = "What to talk about; can be given several times.")
  List<Path> imageFiles = new ArrayList<>();

  @Mixin GenerationOptions options;

  @Option(
      names = "--memory",
      paramLabel = "SIZE",
      defaultValue = "2g",
      description = "Heap (default: 2g); weights lie outside of it.")
  String memory;

  @Spec CommandSpec spec;

  @Override
  public ClusterConfig cluster() {
    return LocalCluster.with(List.of("cluster.driverMemory=" + memory)).withMaster("local[1]");
  }

  @Override
  public Optional<Path> confFile() {
    return Optional.empty();
  }

  @Override
  public Integer call() throws IOException {
    List<EncodedImage> images = new ArrayList<>();
    for (Path file : imageFiles) {
      images.add(image(file));
    }
    Configuration hadoop = new Configuration();
    try (HeldModel held = HeldModel.of(options.model, hadoop)) {
      ModelFolder folder = ModelFolder.of(held.folder(), hadoop);
      folder.config(); // a clear message where this is no model
      PyTorchLibrary.load(); // likewise where PyTorch does not load
      try (TextGenerator generator =
          folder.readLocally(
              local ->
                  TextGenerator.load(
                      local, Engine.getEngine("PyTorch").defaultDevice(), options.precision))) {
        BufferedReader in = new BufferedReader(new InputStreamReader(System.in, UTF_8));
        Answering answering =
            options.numVisionTokens == Slice.AUTO
                ? Answering.auto(generator, options.calibration(held.folder(), hadoop))
                : Answering.at(generator, options.numVisionTokens);
        ChatSession session =
            new ChatSession(
                answering,
                images,
                options.config(),
                spec.commandLine().getOut(),
                spec.commandLine().getErr());
        return (session.run(in) ? ExitCode.DONE : ExitCode.BAD_CONFIG).status();
      }
    }
  }

  private static EncodedImage image(Path file) throws IOException {
    if (!Files.isRegularFile(file)) {
      throw new InvalidInputException(
          "--image " + file + " is no file; give the path of a picture");
    }
    try {
      return Prompt.image(Files.readAllBytes(file));
    } catch (ImageDecodeException e) {
      throw new InvalidInputException(
          "--image " + file + " cannot be read as a picture: " + e.getMessage(), e);
    }
  }
}

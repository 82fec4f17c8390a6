package io.tokenflex.jobs.cli;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import ai.djl.Device;
import io.tokenflex.adaptive.Calibration;
import io.tokenflex.distributed.Precision;
import io.tokenflex.generate.Answer;
import io.tokenflex.generate.Prompt;
import io.tokenflex.generate.TextGenerator;
import io.tokenflex.jobs.run.ModelFolder;
import io.tokenflex.jobs.testing.Calibrations;
import io.tokenflex.samples.EncodedImage;
import io.tokenflex.samples.Role;
import io.tokenflex.samples.Turn;
import java.awt.image.BufferedImage;
import java.io.ByteArrayInputStream;
import java.io.InputStream;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import javax.imageio.ImageIO;
import org.apache.hadoop.conf.Configuration;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import picocli.CommandLine;

/** The command with the standard input replaced, on the model that the quickstart starts from. */
class ChatCommandTest {
  private static final Path MODEL = Path.of("../conf/quickstart-start");

  @TempDir static Path folder;
  private static Path picture;

  @BeforeAll
  static void paint() throws Exception {
    BufferedImage image = new BufferedImage(128, 128, BufferedImage.TYPE_INT_RGB);
    image.createGraphics().fillRect(20, 20, 60, 60);
    picture = folder.resolve("picture.png");
    ImageIO.write(image, "png", picture.toFile());
  }

  private record Result(int status, String out, String err) {}

  private static Result chat(String input, String... options) {
    StringWriter out = new StringWriter();
    StringWriter err = new StringWriter();
    List<String> arguments = new ArrayList<>(List.of("chat"));
    arguments.addAll(List.of(options));
    CommandLine command =
        CommandLines.create().setOut(new PrintWriter(out)).setErr(new PrintWriter(err));
    InputStream before = System.in;
    System.setIn(new ByteArrayInputStream(input.getBytes(UTF_8)));
    try {
      return new Result(
          command.execute(arguments.toArray(String[]::new)), out.toString(), err.toString());
    } finally {
      System.setIn(before);
    }
  }

  private static String line(TextGenerator generator, List<Turn> turns, EncodedImage image) {
    return generator.generate(List.of(new Prompt(turns, List.of(image))), 64, 5).get(0).text();
  }

  @Test
  void everyLineIsATurnOfOneConversationUntilANewOneIsAskedFor() throws Exception {
    Result result =
        chat(
            "What shape is it?\n\nSure?\n/new\nSure?\n/quit\nnever asked\n",
            "--model=" + MODEL,
            "--image=" + picture,
            "--tokens=64",
            "--max-new-tokens=5",
            "--precision=fp32");
    List<String> expected = new ArrayList<>();
    EncodedImage image = Prompt.image(Files.readAllBytes(picture));
    try (TextGenerator generator = TextGenerator.load(MODEL, Device.cpu(), Precision.FP32)) {
      Turn first = new Turn(Role.USER, "<image>\nWhat shape is it?");
      expected.add(line(generator, List.of(first), image));
      List<Turn> both =
          List.of(first, new Turn(Role.ASSISTANT, expected.get(0)), new Turn(Role.USER, "Sure?"));
      expected.add(line(generator, both, image));
      expected.add(line(generator, List.of(new Turn(Role.USER, "<image>\nSure?")), image));
    }
    assertThat(result.err()).containsPattern("\\[\\d+ tokens, [\\d.]+ tokens/s, prompt read in");
    assertThat(result.out()).isEqualToNormalizingNewlines(String.join("\n", expected) + "\n");
    assertThat(result.status()).isZero();
  }

  @Test
  void theNumberOfVisionTokensIsChosenForEachTurn() throws Exception {
    String digest = ModelFolder.of(MODEL.toString(), new Configuration()).digest();
    EncodedImage image = Prompt.image(Files.readAllBytes(picture));
    List<Turn> turns = List.of(new Turn(Role.USER, "<image>\nWhat shape is it?"));
    try (TextGenerator generator = TextGenerator.load(MODEL, Device.cpu(), Precision.FP32)) {
      List<Prompt> prompt = List.of(new Prompt(turns, List.of(image)));
      Answer at4 = generator.generate(prompt, 4, 5).get(0);
      double sureness = at4.confidence().minLogProbability();
      Result taken = auto(Calibrations.cascade(digest, sureness - 1e-6));
      assertThat(taken.out()).isEqualToNormalizingNewlines(at4.text() + "\n");
      assertThat(taken.err()).contains("; at 4 vision tokens]");
      Result goneUp = auto(Calibrations.cascade(digest, sureness + 1e-6));
      assertThat(goneUp.out())
          .isEqualToNormalizingNewlines(generator.generate(prompt, 64, 5).get(0).text() + "\n");
      assertThat(goneUp.err()).contains("; at 64 vision tokens, after 4 tried]");
    }
    Result foreign = auto(Calibrations.cascade("another", 0));
    assertThat(foreign.status()).isEqualTo(2);
    assertThat(foreign.err()).contains("run tokenflex calibrate for this model");
    Result none = chat("", "--model=" + MODEL, "--tokens=auto");
    assertThat(none.status()).isEqualTo(2);
    assertThat(none.err()).contains("No calibration ");
  }

  private static Result auto(Calibration calibration) throws Exception {
    Path file = Files.write(folder.resolve("calibration.json"), calibration.toJson());
    return chat(
        "What shape is it?\n",
        "--model=" + MODEL,
        "--image=" + picture,
        "--tokens=auto",
        "--calibration=" + file,
        "--max-new-tokens=5",
        "--precision=fp32");
  }

  @Test
  void aTurnThatDoesNotFitIsLeftOutAndTheStatusTells() {
    Result result =
        chat("word ".repeat(2000) + "\nHello?\n", "--model=" + MODEL, "--max-new-tokens=2");
    assertThat(result.err()).contains("error: ", " positions", "/new starts anew");
    assertThat(result.out().lines()).as("the other line").hasSize(1);
    assertThat(result.status()).isEqualTo(2);
  }

  @Test
  void whatIsMissingOrWrongIsNamed() throws Exception {
    Path text = Files.writeString(folder.resolve("text.png"), "no picture");
    Result noModel = chat("", "--model=" + folder);
    assertThat(noModel.status()).isEqualTo(3);
    assertThat(noModel.err()).contains("holds no config.json", "import");
    Result noImage = chat("", "--model=" + MODEL, "--image=" + folder.resolve("none.png"));
    assertThat(noImage.status()).isEqualTo(2);
    assertThat(noImage.err()).contains("none.png is no file");
    Result noPicture = chat("", "--model=" + MODEL, "--image=" + text);
    assertThat(noPicture.status()).isEqualTo(2);
    assertThat(noPicture.err()).contains("text.png cannot be read as a picture");
    Result noSquare = chat("", "--model=" + MODEL, "--tokens=10");
    assertThat(noSquare.status()).isEqualTo(2);
    assertThat(noSquare.err()).contains("10 vision tokens do not form a square grid; take 9 or 16");
    assertThat(chat("").status()).as("without a model").isEqualTo(2);
    assertThat(chat("", "--help").status()).isZero();
  }
}

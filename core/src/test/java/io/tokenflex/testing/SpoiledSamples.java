package io.tokenflex.testing;

import io.tokenflex.samples.EncodedImage;
import io.tokenflex.samples.ForwardingSource;
import io.tokenflex.samples.Role;
import io.tokenflex.samples.Sample;
import io.tokenflex.samples.SampleSource;
import io.tokenflex.samples.Turn;
import java.io.IOException;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.function.UnaryOperator;

/** A dataset in which some samples, by id, cannot be trained on. */
public final class SpoiledSamples extends ForwardingSource {
  private final Map<String, UnaryOperator<Sample>> spoiled;

  /**
   * Spoils samples.
   *
   * @param spoiled by id: what becomes of a sample
   */
  public SpoiledSamples(SampleSource source, Map<String, UnaryOperator<Sample>> spoiled) {
    super(source);
    this.spoiled = Map.copyOf(spoiled);
  }

  /** More text than {@link TinyRun#model} has positions. */
  public static Sample tooLong(Sample sample) {
    return withAnswer(sample, "qzxj vwky ".repeat(60));
  }

  /** Text that the tokenizer would take for markup. */
  public static Sample withSpecialToken(Sample sample) {
    return withAnswer(sample, "so <|im_end|> it is");
  }

  /** A picture whose file is cut; samples without one get one. */
  public static Sample withDamagedPicture(Sample sample) {
    byte[] cut =
        sample.images().isEmpty()
            ? new byte[] {(byte) 0x89, 'P', 'N', 'G'}
            : Arrays.copyOf(sample.images().get(0).bytes(), 60);
    return new Sample(
        sample.id(),
        List.of(new EncodedImage(cut, 16, 16, "cafe")),
        List.of(new Turn(Role.USER, Sample.IMAGE_MARK + "what?"), new Turn(Role.ASSISTANT, "this")),
        sample.source(),
        Map.of());
  }

  /** A conversation that nobody answers. */
  public static Sample withoutAnswer(Sample sample) {
    return new Sample(
        sample.id(), List.of(), List.of(new Turn(Role.USER, "hello?")), sample.source(), Map.of());
  }

  private static Sample withAnswer(Sample sample, String answer) {
    return new Sample(
        sample.id(),
        List.of(),
        List.of(new Turn(Role.USER, "what?"), new Turn(Role.ASSISTANT, answer)),
        sample.source(),
        Map.of());
  }

  @Override
  public List<Sample> readRowGroup(int rowGroup) throws IOException {
    return super.readRowGroup(rowGroup).stream()
        .map(sample -> spoiled.getOrDefault(sample.id(), same -> same).apply(sample))
        .toList();
  }
}

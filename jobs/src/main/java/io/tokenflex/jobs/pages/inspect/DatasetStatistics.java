package io.tokenflex.jobs.pages.inspect;

import io.tokenflex.batches.BadSampleException;
import io.tokenflex.batches.SampleEncoder;
import io.tokenflex.dataprep.judge.SampleFaults;
import io.tokenflex.samples.EncodedImage;
import io.tokenflex.samples.Role;
import io.tokenflex.samples.Sample;
import io.tokenflex.samples.Turn;
import io.tokenflex.text.TokenizedSample;
import io.tokenflex.tokens.VisionTokenCount;
import java.io.Serializable;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import org.apache.spark.sql.Row;

/** Distributions over samples; those of parts add up to those of the whole. */
final class DatasetStatistics implements Serializable {
  private static final long serialVersionUID = 1;

  /** Columns that {@link #add} wants, in this order: no image bytes among them. */
  static final List<String> COLUMNS =
      List.of("images.width", "images.height", "conversation.role", "conversation.text", "id");

  /** Aspect ratios are kept as thousandths. */
  static final int ASPECT_UNIT = 1000;

  private static final byte[] NO_BYTES = {};

  private final List<Integer> tokenCounts;
  private final List<Histogram> sequenceLengths = new ArrayList<>();
  final Histogram width = new Histogram();
  final Histogram height = new Histogram();
  final Histogram aspectRatio = new Histogram();
  final Histogram imagesPerSample = new Histogram();
  final Histogram turns = new Histogram();
  final Histogram textChars = new Histogram();

  /** Which samples a run could not train on; counted over all. */
  private final SampleFaults faults = new SampleFaults();

  /**
   * Nothing counted yet.
   *
   * @param tokenCounts numbers of vision tokens at which sequences are measured
   */
  DatasetStatistics(List<Integer> tokenCounts) {
    this.tokenCounts = List.copyOf(tokenCounts);
    for (int i = 0; i < tokenCounts.size(); i++) {
      sequenceLengths.add(new Histogram());
    }
  }

  long numSamples() {
    return turns.count();
  }

  long numImages() {
    return width.count();
  }

  SampleFaults faults() {
    return faults;
  }

  List<Integer> tokenCounts() {
    return tokenCounts;
  }

  /** Lengths in tokens where each image has {@code tokenCounts().get(index)} vision tokens. */
  Histogram sequenceLength(int index) {
    return sequenceLengths.get(index);
  }

  /** Counts a sample of {@link #COLUMNS}. */
  void add(Row row, SampleEncoder encoder) {
    List<Integer> widths = row.getList(0);
    List<Integer> heights = row.getList(1);
    List<String> roles = row.getList(2);
    List<String> texts = row.getList(3);
    String id = row.getString(4);
    imagesPerSample.add(widths.size());
    List<EncodedImage> images = new ArrayList<>();
    for (int i = 0; i < widths.size(); i++) {
      width.add(widths.get(i));
      height.add(heights.get(i));
      aspectRatio.add(Math.round((double) ASPECT_UNIT * widths.get(i) / heights.get(i)));
      images.add(new EncodedImage(NO_BYTES, widths.get(i), heights.get(i), ""));
    }
    turns.add(texts.size());
    textChars.add(texts.stream().mapToLong(String::length).sum());
    try {
      List<Turn> conversation = new ArrayList<>();
      for (int i = 0; i < texts.size(); i++) {
        conversation.add(new Turn(Role.ofWireName(roles.get(i)), texts.get(i)));
      }
      measure(encoder, new Sample(id, images, conversation, "", Map.of()));
      faults.addGood();
    } catch (BadSampleException e) {
      faults.addBad(id, e.getMessage());
    }
  }

  /** Too long a sample is measured before it is refused. */
  private void measure(SampleEncoder encoder, Sample sample) {
    TokenizedSample tokenized = encoder.tokenize(sample);
    for (int i = 0; i < tokenCounts.size(); i++) {
      VisionTokenCount count = VisionTokenCount.of(tokenCounts.get(i));
      sequenceLengths.get(i).add(encoder.lengthAt(tokenized, count));
    }
    encoder.check(tokenized, VisionTokenCount.of(Collections.max(tokenCounts)));
  }

  DatasetStatistics plus(DatasetStatistics other) {
    width.addAll(other.width);
    height.addAll(other.height);
    aspectRatio.addAll(other.aspectRatio);
    imagesPerSample.addAll(other.imagesPerSample);
    turns.addAll(other.turns);
    textChars.addAll(other.textChars);
    for (int i = 0; i < sequenceLengths.size(); i++) {
      sequenceLengths.get(i).addAll(other.sequenceLengths.get(i));
    }
    faults.plus(other.faults);
    return this;
  }
}

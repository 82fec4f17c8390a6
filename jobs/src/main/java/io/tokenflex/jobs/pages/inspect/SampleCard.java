package io.tokenflex.jobs.pages.inspect;

import io.tokenflex.jobs.pages.html.HumanText;
import io.tokenflex.jobs.pages.html.PictureUri;
import io.tokenflex.samples.EncodedImage;
import io.tokenflex.samples.Sample;
import io.tokenflex.samples.Turn;
import java.io.IOException;
import java.io.Serializable;
import java.util.ArrayList;
import java.util.List;

/**
 * A sample small enough to be shown.
 *
 * @param row its number in the dataset
 * @param pictures the first ones
 * @param turns the first ones, each cut where it is long
 * @param problem why it cannot be shown; empty if it can
 */
record SampleCard(
    long row,
    String id,
    String source,
    List<Picture> pictures,
    int numPictures,
    List<Said> turns,
    int numTurns,
    String problem)
    implements Serializable {
  private static final int MAX_SIDE = 160;
  private static final int MAX_PICTURES = 4;
  private static final int MAX_TURNS = 8;
  private static final int MAX_TURN_CHARS = 600;

  /**
   * A picture.
   *
   * @param uri empty if it cannot be drawn
   */
  record Picture(String uri, int width, int height) implements Serializable {}

  /** A turn. */
  record Said(String role, String text) implements Serializable {}

  static SampleCard of(long row, Sample sample) {
    List<Picture> pictures = new ArrayList<>();
    for (EncodedImage image : first(sample.images(), MAX_PICTURES)) {
      pictures.add(picture(image));
    }
    List<Said> turns = new ArrayList<>();
    for (Turn turn : first(sample.conversation(), MAX_TURNS)) {
      turns.add(new Said(turn.role().wireName(), HumanText.readable(turn.text(), MAX_TURN_CHARS)));
    }
    return new SampleCard(
        row,
        sample.id(),
        sample.source(),
        pictures,
        sample.images().size(),
        turns,
        sample.conversation().size(),
        "");
  }

  /** A sample that cannot be read. */
  static SampleCard broken(long row, String problem) {
    return new SampleCard(row, "", "", List.of(), 0, List.of(), 0, problem);
  }

  private static Picture picture(EncodedImage image) {
    String uri;
    try {
      uri = PictureUri.of(image, MAX_SIDE);
    } catch (IOException e) {
      uri = "";
    }
    return new Picture(uri, image.width(), image.height());
  }

  private static <T> List<T> first(List<T> all, int most) {
    return all.subList(0, Math.min(most, all.size()));
  }
}

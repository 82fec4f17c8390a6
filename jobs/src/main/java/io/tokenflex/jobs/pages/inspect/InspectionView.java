package io.tokenflex.jobs.pages.inspect;

import io.tokenflex.jobs.pages.html.ChartView;
import io.tokenflex.jobs.pages.html.Palette.Colour;
import io.tokenflex.jobs.pages.html.Tile;
import java.util.List;
import java.util.Optional;

/**
 * What the template {@code inspect.ftlh} shows; texts are as people read them.
 *
 * @param distributions rows of a table: what is distributed, then its least value, 5th percentile,
 *     median, mean, 95th percentile and greatest value
 */
public record InspectionView(
    String title,
    List<Colour> colours,
    List<Tile> tiles,
    List<Sample> samples,
    List<Figure> figures,
    List<List<String>> distributions,
    Lengths lengths,
    List<Reject> rejects,
    List<Version> versions,
    List<Fact> facts) {

  /** A chart and what stands above it. */
  public record Figure(String title, ChartView chart) {}

  /**
   * A sample as a card.
   *
   * @param problem why it cannot be shown; empty if it can
   * @param morePictures and {@code moreTurns}: how many are left out; empty if none is
   */
  public record Sample(
      String problem,
      List<Picture> pictures,
      String morePictures,
      List<Turn> turns,
      String moreTurns,
      String id,
      String source) {}

  /**
   * A picture.
   *
   * @param uri empty if it cannot be drawn
   */
  public record Picture(String uri, String size) {}

  /**
   * What one side of a conversation says.
   *
   * @param style class of its element
   */
  public record Turn(String style, String role, String text) {}

  /**
   * How long sequences are.
   *
   * @param untrainable how many samples cannot be trained on; empty if there is nothing to say
   * @param faults examples of them
   * @param chart empty if there is no sequence
   */
  public record Lengths(
      String tokenizer,
      String untrainable,
      List<String> faults,
      Optional<ChartView> chart,
      List<Tile> tiles) {}

  /**
   * A reason for rejecting records.
   *
   * @param width of its bar, as CSS
   */
  public record Reject(String reason, String number, String width, List<Why> examples) {}

  /** A rejected record: what is wrong, where it is wrong, and which record it is. */
  public record Why(String detail, String value, String place) {}

  /** A row of the table of versions. */
  public record Version(boolean isThis, List<String> cells) {}

  /** A name and a value. */
  public record Fact(String name, String value) {}
}

package io.tokenflex.jobs.pages.html;

/**
 * A number that leads a page.
 *
 * @param colour CSS, of the token count it belongs to; empty if of none
 */
public record Tile(String value, String label, String colour) {
  public static Tile of(String value, String label) {
    return new Tile(value, label, "");
  }
}

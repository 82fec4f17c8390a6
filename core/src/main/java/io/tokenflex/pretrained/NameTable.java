package io.tokenflex.pretrained;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The tensor names of one family of published models beside ours; {@code {}} stands for the number
 * of a layer. Read from left to right it imports, from right to left it exports.
 */
public final class NameTable {
  private static final String NUMBER = "{}";

  private final List<Row> rows;

  /**
   * One line of the table.
   *
   * @param published the family's name
   * @param ours our names; several where the family stacks them along the first dimension in equal
   *     parts (q, k and v in one matrix), none where the tensor is of no use here
   */
  public record Row(String published, List<String> ours) {
    public Row {
      ours = List.copyOf(ours);
    }

    private Optional<Row> matching(String name) {
      String regex = Pattern.quote(published).replace(NUMBER, "\\E(\\d+)\\Q");
      Matcher matcher = Pattern.compile(regex).matcher(name);
      if (!matcher.matches()) {
        return Optional.empty();
      }
      String number = matcher.groupCount() == 0 ? "" : matcher.group(1);
      return Optional.of(
          new Row(name, ours.stream().map(our -> our.replace(NUMBER, number)).toList()));
    }
  }

  private NameTable(List<Row> rows) {
    this.rows = List.copyOf(rows);
  }

  /** An empty table to fill. */
  public static Builder builder() {
    return new Builder();
  }

  /** The line that tells about a tensor of a published model, layer numbers filled in. */
  public Optional<Row> find(String published) {
    return rows.stream().flatMap(row -> row.matching(published).stream()).findFirst();
  }

  /** All lines, in the order in which they were written. */
  public List<Row> rows() {
    return rows;
  }

  /** Fills a table from top to bottom. */
  public static final class Builder {
    private final List<Row> rows = new ArrayList<>();

    private Builder() {}

    /** A tensor that has one place in both. */
    public Builder row(String published, String ours) {
      rows.add(new Row(published, List.of(ours)));
      return this;
    }

    /** A tensor that holds several of ours, stacked along the first dimension in equal parts. */
    public Builder stacked(String published, String... ours) {
      rows.add(new Row(published, List.of(ours)));
      return this;
    }

    /** A tensor that published folders hold and nothing here needs. */
    public Builder unused(String published) {
      rows.add(new Row(published, List.of()));
      return this;
    }

    public NameTable build() {
      return new NameTable(rows);
    }
  }
}

package io.tokenflex.names;

import io.tokenflex.failure.InvalidInputException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.function.UnaryOperator;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * The tensor names of one family of published models beside ours; {@code {}} stands for the number
 * of a layer and {@code *} for the rest of a name. Read from left to right it imports, from right
 * to left it exports.
 */
public final class NameTable {
  private static final String NUMBER = "{}";
  private static final String REST = "*";

  private final List<Row> rows;

  /**
   * One line of the table.
   *
   * @param published the family's name
   * @param ours our names; several where the family stacks them along the first dimension in equal
   *     parts (q, k and v in one matrix), none where the tensor is of no use here
   * @param leadingOnes how many sides of 1 the published shape has before ours
   */
  public record Row(String published, List<String> ours, int leadingOnes) {
    public Row {
      ours = List.copyOf(ours);
    }

    /** A line without reshaping. */
    public Row(String published, List<String> ours) {
      this(published, ours, 0);
    }

    /**
     * The shape of each of ours; their values are equal parts of the published ones, in order.
     *
     * @throws IllegalArgumentException if the published shape cannot be read so
     */
    public long[] ourShape(long[] publishedShape) {
      boolean fits = publishedShape.length > leadingOnes;
      for (int i = 0; fits && i < leadingOnes; i++) {
        fits = publishedShape[i] == 1;
      }
      if (!fits || publishedShape[leadingOnes] % Math.max(1, ours.size()) != 0) {
        throw new InvalidInputException(
            String.format(
                Locale.ROOT,
                "%s has the shape %s; expected %d sides of 1 and then a side that %d divides",
                published,
                Arrays.toString(publishedShape),
                leadingOnes,
                ours.size()));
      }
      long[] shape = Arrays.copyOfRange(publishedShape, leadingOnes, publishedShape.length);
      shape[0] /= Math.max(1, ours.size());
      return shape;
    }

    /** The published shape of tensors that each have the shape {@code ourShape} here. */
    public long[] publishedShape(long[] ourShape) {
      long[] shape = new long[leadingOnes + ourShape.length];
      Arrays.fill(shape, 0, leadingOnes, 1);
      System.arraycopy(ourShape, 0, shape, leadingOnes, ourShape.length);
      shape[leadingOnes] *= ours.size();
      return shape;
    }

    private Optional<Row> matching(String pattern, String name) {
      int open = Math.max(pattern.indexOf(NUMBER), pattern.indexOf(REST)); // a pattern has one
      String beginning = open < 0 ? pattern : pattern.substring(0, open);
      if (!name.startsWith(beginning)) {
        return Optional.empty();
      }
      String regex =
          Pattern.quote(pattern).replace(NUMBER, "\\E(\\d+)\\Q").replace(REST, "\\E.*\\Q");
      Matcher matcher = Pattern.compile(regex).matcher(name);
      if (!matcher.matches()) {
        return Optional.empty();
      }
      String number = matcher.groupCount() == 0 ? "" : matcher.group(1);
      return Optional.of(
          new Row(
              pattern.contains(REST) ? name : published.replace(NUMBER, number),
              ours.stream().map(our -> our.replace(NUMBER, number)).toList(),
              leadingOnes));
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
    return rows.stream()
        .flatMap(row -> row.matching(row.published(), published).stream())
        .findFirst();
  }

  /** The line whose tensor holds one of ours, layer numbers filled in. */
  public Optional<Row> findOurs(String our) {
    return rows.stream()
        .flatMap(row -> row.ours().stream().flatMap(name -> row.matching(name, our).stream()))
        .findFirst();
  }

  /** The same table for models that hold this one's tensors below a prefix of their own. */
  public NameTable below(String prefix) {
    return renamed(name -> prefix + name);
  }

  /** The same table for models that hold this one's tensors under other names. */
  public NameTable renamed(UnaryOperator<String> published) {
    return new NameTable(
        rows.stream()
            .map(row -> new Row(published.apply(row.published()), row.ours(), row.leadingOnes()))
            .toList());
  }

  /** This table's lines and then those of {@code other}. */
  public NameTable and(NameTable other) {
    return new NameTable(Stream.concat(rows.stream(), other.rows.stream()).toList());
  }

  /** All lines, in the order in which they were written. */
  public List<Row> rows() {
    return rows;
  }

  /** Fills a table from top to bottom; the first line that fits a name counts. */
  public static final class Builder {
    private final List<Row> rows = new ArrayList<>();

    private Builder() {}

    /** A tensor that has one place in both. */
    public Builder row(String published, String ours) {
      rows.add(new Row(published, List.of(ours)));
      return this;
    }

    /** The weight and the bias of a linear layer or a norm; models may have no bias. */
    public Builder weightAndBias(String published, String ours) {
      return row(published + ".weight", ours + ".weight").row(published + ".bias", ours + ".bias");
    }

    /** A tensor whose published shape begins with sides of 1 that ours has not. */
    public Builder squeezed(String published, int leadingOnes, String ours) {
      rows.add(new Row(published, List.of(ours), leadingOnes));
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

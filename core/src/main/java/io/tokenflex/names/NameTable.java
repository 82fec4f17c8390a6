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
 * Maps the tensor names of a family of published models to ours. {@code {}} stands for a layer
 * number, {@code *} for the rest of a name. Import reads the table from published to ours, export
 * in reverse.
 */
public final class NameTable {
  private static final String NUMBER = "{}";
  private static final String REST = "*";

  private final List<Row> rows;

  /**
   * One mapping.
   *
   * @param published the family's name
   * @param ours our names; several if the published tensor stacks them in equal parts along the
   *     first dimension (for instance q, k and v), none if the tensor is not needed
   * @param leadingOnes number of leading dimensions of size 1 that only the published shape has
   */
  public record Row(String published, List<String> ours, int leadingOnes) {
    public Row {
      ours = List.copyOf(ours);
    }

    /** A mapping without reshaping. */
    public Row(String published, List<String> ours) {
      this(published, ours, 0);
    }

    /**
     * Shape of each of our tensors; their values are equal, consecutive parts of the published
     * tensor.
     *
     * @throws IllegalArgumentException if the published shape lacks the leading ones or cannot be
     *     divided
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

    /** Inverse of {@link #ourShape}. */
    public long[] publishedShape(long[] ourShape) {
      long[] shape = new long[leadingOnes + ourShape.length];
      Arrays.fill(shape, 0, leadingOnes, 1);
      System.arraycopy(ourShape, 0, shape, leadingOnes, ourShape.length);
      shape[leadingOnes] *= ours.size();
      return shape;
    }

    private Optional<Row> matching(String pattern, String name) {
      int open =
          Math.max(
              pattern.indexOf(NUMBER), pattern.indexOf(REST)); // a pattern has at most one of them
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

  /** Starts an empty table. */
  public static Builder builder() {
    return new Builder();
  }

  /** The mapping of a published tensor, layer number filled in. */
  public Optional<Row> find(String published) {
    return rows.stream()
        .flatMap(row -> row.matching(row.published(), published).stream())
        .findFirst();
  }

  /** The mapping that contains one of our tensors, layer number filled in. */
  public Optional<Row> findOurs(String our) {
    return rows.stream()
        .flatMap(row -> row.ours().stream().flatMap(name -> row.matching(name, our).stream()))
        .findFirst();
  }

  /** This table with a prefix on all published names. */
  public NameTable below(String prefix) {
    return renamed(name -> prefix + name);
  }

  /** This table with other published names. */
  public NameTable renamed(UnaryOperator<String> published) {
    return new NameTable(
        rows.stream()
            .map(row -> new Row(published.apply(row.published()), row.ours(), row.leadingOnes()))
            .toList());
  }

  /** This table followed by {@code other}. */
  public NameTable and(NameTable other) {
    return new NameTable(Stream.concat(rows.stream(), other.rows.stream()).toList());
  }

  /** All mappings, in order of definition. */
  public List<Row> rows() {
    return rows;
  }

  /** Builds a table; the first mapping that matches a name wins. */
  public static final class Builder {
    private final List<Row> rows = new ArrayList<>();

    private Builder() {}

    /** Maps one tensor to one of ours. */
    public Builder row(String published, String ours) {
      rows.add(new Row(published, List.of(ours)));
      return this;
    }

    /** Maps weight and bias of a linear layer or norm; the bias may be absent. */
    public Builder weightAndBias(String published, String ours) {
      return row(published + ".weight", ours + ".weight").row(published + ".bias", ours + ".bias");
    }

    /** Maps a tensor whose published shape starts with {@code leadingOnes} dimensions of size 1. */
    public Builder squeezed(String published, int leadingOnes, String ours) {
      rows.add(new Row(published, List.of(ours), leadingOnes));
      return this;
    }

    /** Maps a tensor that stacks several of ours in equal parts along the first dimension. */
    public Builder stacked(String published, String... ours) {
      rows.add(new Row(published, List.of(ours)));
      return this;
    }

    /** Marks published tensors that are not needed. */
    public Builder unused(String published) {
      rows.add(new Row(published, List.of()));
      return this;
    }

    public NameTable build() {
      return new NameTable(rows);
    }
  }
}

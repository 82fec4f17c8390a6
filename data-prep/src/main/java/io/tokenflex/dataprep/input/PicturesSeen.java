package io.tokenflex.dataprep.input;

import io.tokenflex.dataprep.source.ReadRecord;
import io.tokenflex.dataprep.source.ReadRecord.Malformed;
import io.tokenflex.dataprep.source.ReadRecord.Parsed;
import io.tokenflex.failure.InvalidInputException;
import java.io.Serializable;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;

/**
 * Counts records of one split with and without images. An input without any image is rejected,
 * because its images are probably missing.
 */
public final class PicturesSeen implements Serializable {
  private static final long serialVersionUID = 1;
  private static final int MAX_EXAMPLES = 5;

  private final InputConfig input;
  private final LinkedHashSet<String> examples = new LinkedHashSet<>();
  private long numWith;
  private long numWithout;

  public PicturesSeen(InputConfig input) {
    this.input = input;
  }

  public void add(ReadRecord read) {
    if (read instanceof Parsed parsed) {
      // Without an image it is text-only, as format or settings permit.
      numWith += parsed.record().images().isEmpty() ? 0 : 1;
    } else if (read instanceof Malformed malformed) {
      switch (malformed.reason()) {
        case IMAGE_MISSING -> {
          numWithout++;
          addExample(malformed.valueSample());
        }
        case MALFORMED_IMAGE_FIELD, IMAGE_FILE_TOO_LARGE, IMAGE_MARK_MISMATCH -> numWith++;
        default -> {
          // A malformed record says nothing about images.
        }
      }
    }
  }

  private void addExample(String example) {
    if (examples.size() < MAX_EXAMPLES) {
      examples.add(example);
    }
  }

  private void add(PicturesSeen other) {
    numWith += other.numWith;
    numWithout += other.numWithout;
    other.examples.forEach(this::addExample);
  }

  /**
   * Rejects inputs whose records all lack images. Task retries may count records twice, which does
   * not affect the result.
   *
   * @throws InvalidInputException if there is such an input and it is not marked as text-only
   */
  public static void requireSome(List<PicturesSeen> splits) {
    Map<InputConfig, PicturesSeen> byInput = new LinkedHashMap<>();
    for (PicturesSeen split : splits) {
      byInput.computeIfAbsent(split.input, PicturesSeen::new).add(split);
    }
    List<String> without = new ArrayList<>();
    for (PicturesSeen seen : byInput.values()) {
      if (seen.numWith == 0 && seen.numWithout > 0 && !seen.input.options().textOnly()) {
        without.add(seen.describe());
      }
    }
    if (!without.isEmpty()) {
      throw new InvalidInputException(
          String.join("; ", without)
              + ". Name the column that holds the picture in the input's columns setting, mend the"
              + " names of the members, or set textOnly = true on the input if it is text alone");
    }
  }

  private String describe() {
    Set<String> shown = new LinkedHashSet<>();
    for (String example : examples) {
      shown.add('[' + example.replaceAll("\\s+", " ") + ']');
    }
    return String.format(
        Locale.ROOT,
        "None of the %d new records of %s has a picture that is recognised; instead they have %s",
        numWithout,
        input.path(),
        String.join(", ", shown));
  }
}

package io.tokenflex.jobs.answers;

import io.tokenflex.generate.Prompt;
import io.tokenflex.samples.Role;
import io.tokenflex.samples.Turn;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.IntStream;

/**
 * Rows without pictures, numbered through all groups.
 *
 * @param fingerprint stands for what they ask
 */
record NumberedRows(String fingerprint, int numGroups, int rowsPerGroup) implements RowSource {
  @Override
  public Reader reader(Set<Integer> groups) {
    return reader(rowsPerGroup);
  }

  private static Reader reader(int rowsPerGroup) {
    return hadoop -> new Opened(rowsPerGroup);
  }

  private record Opened(int rowsPerGroup) implements RowSource.Rows {
    @Override
    public List<PromptRow> read(int group) {
      return IntStream.range(group * rowsPerGroup, (group + 1) * rowsPerGroup)
          .mapToObj(
              row ->
                  PromptRow.of(
                      "row-" + row,
                      Map.of("twice", Integer.toString(2 * row)),
                      new Prompt(List.of(new Turn(Role.USER, "number " + row)), List.of())))
          .toList();
    }

    @Override
    public void close() {}
  }
}

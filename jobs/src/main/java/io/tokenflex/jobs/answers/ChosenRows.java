package io.tokenflex.jobs.answers;

import io.tokenflex.digest.Digests;
import java.io.IOException;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;

/** Some rows of another source, in its groups. */
public final class ChosenRows implements RowSource {
  private final RowSource all;
  private final Map<Integer, Set<String>> idsByGroup;

  /**
   * @param idsByGroup ids of the chosen rows of each group; a group may be missing
   */
  public ChosenRows(RowSource all, Map<Integer, ? extends Set<String>> idsByGroup) {
    this.all = all;
    this.idsByGroup = new TreeMap<>();
    idsByGroup.forEach((group, ids) -> this.idsByGroup.put(group, new HashSet<>(ids)));
  }

  @Override
  public String fingerprint() {
    StringBuilder text = new StringBuilder("some rows of " + all.fingerprint());
    idsByGroup.forEach(
        (group, ids) -> new TreeSet<>(ids).forEach(id -> text.append('\n').append(id)));
    return Digests.sha256Hex(text.toString());
  }

  @Override
  public int numGroups() {
    return all.numGroups();
  }

  @Override
  public Reader reader(Set<Integer> groups) {
    Map<Integer, Set<String>> chosen = new HashMap<>(idsByGroup);
    chosen.keySet().retainAll(groups);
    return reader(all.reader(chosen.keySet()), chosen);
  }

  private static Reader reader(Reader all, Map<Integer, Set<String>> chosen) {
    return hadoop -> new Filtered(all.open(hadoop), chosen);
  }

  private record Filtered(Rows rows, Map<Integer, Set<String>> chosen) implements Rows {
    @Override
    public List<PromptRow> read(int group) throws IOException {
      Set<String> ids = chosen.getOrDefault(group, Set.of());
      return ids.isEmpty()
          ? List.of()
          : rows.read(group).stream().filter(row -> ids.contains(row.id())).toList();
    }

    @Override
    public void close() throws IOException {
      rows.close();
    }
  }
}

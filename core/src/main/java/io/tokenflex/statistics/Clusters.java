package io.tokenflex.statistics;

import io.tokenflex.failure.InvalidInputException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Which rows belong together.
 *
 * @param members indices of the rows of each cluster, every row once
 * @param numRows rows in all
 */
public record Clusters(List<int[]> members, int numRows) {
  public Clusters {
    members = List.copyOf(members);
  }

  /** Rows with equal keys are a cluster; clusters in order of their first row. */
  public static Clusters of(List<?> keys) {
    Map<Object, List<Integer>> rows = new LinkedHashMap<>();
    for (int i = 0; i < keys.size(); i++) {
      rows.computeIfAbsent(keys.get(i), key -> new ArrayList<>()).add(i);
    }
    return new Clusters(
        rows.values().stream()
            .map(cluster -> cluster.stream().mapToInt(Integer::intValue).toArray())
            .toList(),
        keys.size());
  }

  /** Every row is a cluster of its own. */
  public static Clusters single(int numRows) {
    List<int[]> members = new ArrayList<>();
    for (int i = 0; i < numRows; i++) {
      members.add(new int[] {i});
    }
    return new Clusters(members, numRows);
  }

  /** Number of clusters. */
  public int size() {
    return members.size();
  }

  /** Whether no two rows belong together. */
  public boolean areSingle() {
    return members.size() == numRows;
  }

  void expectRows(double[] scores) {
    if (scores.length != numRows) {
      throw new InvalidInputException(
          scores.length + " scores but clusters of " + numRows + " rows; expected one key a score");
    }
  }
}

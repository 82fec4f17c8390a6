package io.tokenflex.jobs.cli;

import io.tokenflex.failure.InvalidInputException;
import io.tokenflex.jobs.run.RunFolder;
import io.tokenflex.jobs.train.RunCheckpoints;
import java.io.IOException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.apache.hadoop.fs.Path;

/** The models of one evaluation by the names of their results. */
final class EvaluatedModels {
  /** Stands for every checkpoint of the run. */
  static final String ALL = "all";

  private EvaluatedModels() {}

  /**
   * Folders by name, in the order given: the folder's own name, with a number where two are called
   * the same.
   *
   * @throws InvalidInputException if {@code all} is asked for and the run has no checkpoint
   */
  static Map<String, String> of(List<String> models, RunFolder run) throws IOException {
    List<String> folders = new ArrayList<>();
    for (String model : models) {
      if (model.equals(ALL)) {
        folders.addAll(RunCheckpoints.all(run));
      } else {
        folders.add(model);
      }
    }
    if (folders.isEmpty()) {
      throw new InvalidInputException(
          "--model all, but " + run + " has no checkpoint; train first, or name model folders");
    }
    Map<String, String> byName = new LinkedHashMap<>();
    for (String folder : folders) {
      String own = new Path(folder).getName();
      String name = own;
      for (int number = 2; byName.containsKey(name); number++) {
        name = own + "-" + number;
      }
      byName.put(name, folder);
    }
    return byName;
  }
}

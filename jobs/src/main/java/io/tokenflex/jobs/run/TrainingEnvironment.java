package io.tokenflex.jobs.run;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.SerializationFeature;
import java.io.IOException;
import java.util.List;
import java.util.Optional;

/**
 * What a run was trained with last; {@code training.json} in the run folder is this record.
 *
 * @param computeType of the matrix products, for instance {@code BF16}
 * @param ranks the machine of each rank, in their order
 */
public record TrainingEnvironment(String computeType, List<Machine> ranks) {
  /** Its name in the run folder. */
  public static final String FILE = "training.json";

  private static final ObjectMapper JSON =
      new ObjectMapper().enable(SerializationFeature.INDENT_OUTPUT);

  public TrainingEnvironment {
    ranks = List.copyOf(ranks);
  }

  /** What a run folder holds; empty if the run was not trained or trained before this was kept. */
  public static Optional<TrainingEnvironment> read(RunFolder folder) throws IOException {
    return folder.exists(FILE)
        ? Optional.of(JSON.readValue(folder.readText(FILE), TrainingEnvironment.class))
        : Optional.empty();
  }

  public void write(RunFolder folder) throws IOException {
    folder.writeText(FILE, JSON.writeValueAsString(this));
  }
}

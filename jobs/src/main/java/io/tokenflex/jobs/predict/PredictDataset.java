package io.tokenflex.jobs.predict;

import io.tokenflex.dataprep.dataset.DatasetFolder;
import io.tokenflex.dataprep.dataset.DatasetLayout;
import io.tokenflex.dataprep.shard.ParquetSampleSource;
import io.tokenflex.digest.Digests;
import io.tokenflex.failure.InvalidInputException;
import io.tokenflex.generate.Prompt;
import io.tokenflex.jobs.answers.PromptRow;
import io.tokenflex.jobs.answers.Question;
import io.tokenflex.jobs.answers.RowSource;
import io.tokenflex.jobs.failure.Failures;
import io.tokenflex.jobs.run.RunFolder;
import io.tokenflex.samples.Sample;
import io.tokenflex.samples.SampleSource;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.apache.hadoop.conf.Configuration;
import org.apache.spark.sql.SparkSession;

/**
 * A prepared dataset to be answered, a group for each row group. Its pictures stay where they are.
 *
 * @param folder any Hadoop path
 * @param version the newest if empty
 * @param prompt asked about all pictures of each sample, with nothing else of it; without one, its
 *     own questions are, as {@link Question} has them
 */
public record PredictDataset(String folder, Optional<Integer> version, Optional<String> prompt)
    implements PredictInput {
  static final String SAMPLE = "sample";
  static final String QUESTION_INDEX = "questionIndex";

  public PredictDataset {
    if (prompt.isPresent() && prompt.get().isBlank()) {
      throw new InvalidInputException(
          "The prompt is empty; leave it out to ask the questions of " + folder);
    }
  }

  /** Whether a folder is a dataset, perhaps one whose preparation did not finish. */
  public static boolean isAt(String folder, Configuration hadoop) throws IOException {
    DatasetFolder dataset = DatasetFolder.at(folder, hadoop);
    return dataset.fileSystem().exists(dataset.pathOf(DatasetLayout.VERSIONS));
  }

  @Override
  public boolean hasSamples() {
    return true;
  }

  @Override
  public RowSource rows(SparkSession spark, String unused) throws IOException {
    Configuration hadoop = spark.sparkContext().hadoopConfiguration();
    String qualified = RunFolder.qualified(folder, hadoop);
    // all tasks read one version, even if another is published meanwhile
    int pinned = DatasetFolder.at(qualified, hadoop).require(version).version();
    try (SampleSource source = ParquetSampleSource.open(qualified, Optional.of(pinned), hadoop)) {
      String asked = prompt.map(text -> "the prompt " + text).orElse("the questions");
      return new Source(
          new Opening(qualified, pinned, prompt.orElse("")),
          Digests.sha256Hex("samples of " + source.fingerprint() + " and " + asked),
          source.numRowGroups());
    }
  }

  private record Source(Opening opening, String fingerprint, int numGroups) implements RowSource {
    @Override
    public Reader reader(Set<Integer> groups) {
      return opening;
    }
  }

  /**
   * Opens a version in a task.
   *
   * @param prompt empty for the samples' own questions
   */
  private record Opening(String folder, int version, String prompt) implements RowSource.Reader {
    @Override
    public RowSource.Rows open(Configuration hadoop) throws IOException {
      return new Rows(ParquetSampleSource.open(folder, Optional.of(version), hadoop), prompt);
    }
  }

  private record Rows(SampleSource source, String prompt) implements RowSource.Rows {
    @Override
    public List<PromptRow> read(int group) throws IOException {
      List<PromptRow> rows = new ArrayList<>();
      for (Sample sample : source.readRowGroup(group)) {
        if (prompt.isEmpty()) {
          for (Question question : Question.of(sample)) {
            rows.add(
                PromptRow.of(
                    id(sample, question.index()),
                    carried(sample, question.index()),
                    question.prompt()));
          }
        } else {
          rows.add(row(sample));
        }
      }
      return rows;
    }

    private PromptRow row(Sample sample) {
      Map<String, String> carried = carried(sample, 0);
      try {
        return PromptRow.of(id(sample, 0), carried, Prompt.of(prompt, sample.images()));
      } catch (InvalidInputException e) { // another number of marks
        return PromptRow.broken(id(sample, 0), carried, Failures.inOneLine(e));
      }
    }

    private static String id(Sample sample, int question) {
      return sample.id() + "#" + question;
    }

    private static Map<String, String> carried(Sample sample, int question) {
      return Map.of(SAMPLE, sample.id(), QUESTION_INDEX, Integer.toString(question));
    }

    @Override
    public void close() throws IOException {
      source.close();
    }
  }
}

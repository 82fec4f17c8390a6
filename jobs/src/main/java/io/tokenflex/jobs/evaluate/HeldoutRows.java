package io.tokenflex.jobs.evaluate;

import io.tokenflex.digest.Digests;
import io.tokenflex.jobs.answers.PromptRow;
import io.tokenflex.jobs.answers.Question;
import io.tokenflex.jobs.answers.RowSource;
import io.tokenflex.samples.EncodedImage;
import io.tokenflex.samples.Sample;
import io.tokenflex.samples.SampleSource;
import io.tokenflex.score.ReferenceList;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import org.apache.hadoop.conf.Configuration;

/** The questions of a held-out dataset, a group for each row group. */
final class HeldoutRows implements RowSource {
  static final String SAMPLE = "sample";
  static final String QUESTION_INDEX = "questionIndex";
  static final String QUESTION = "question";
  static final String EXPECTED = "expected";
  static final String PICTURE = "picture";

  /** Stands before the names of a sample's metadata. */
  static final String METADATA = "metadata.";

  private final HeldoutData heldout;
  private final String fingerprint;
  private final int numGroups;

  private HeldoutRows(HeldoutData heldout, String fingerprint, int numGroups) {
    this.heldout = heldout;
    this.fingerprint = fingerprint;
    this.numGroups = numGroups;
  }

  static HeldoutRows of(HeldoutData heldout, Configuration hadoop) throws IOException {
    try (SampleSource source = heldout.open(hadoop)) {
      return new HeldoutRows(
          heldout,
          Digests.sha256Hex("held-out questions of " + source.fingerprint()),
          source.numRowGroups());
    }
  }

  @Override
  public String fingerprint() {
    return fingerprint;
  }

  @Override
  public int numGroups() {
    return numGroups;
  }

  @Override
  public Reader reader(Set<Integer> groups) {
    return reader(heldout);
  }

  private static Reader reader(HeldoutData heldout) {
    return hadoop -> new Rows(heldout.open(hadoop));
  }

  private record Rows(SampleSource source) implements RowSource.Rows {
    @Override
    public List<PromptRow> read(int group) throws IOException {
      List<PromptRow> rows = new ArrayList<>();
      for (Sample sample : source.readRowGroup(group)) {
        List<Question> questions = Question.of(sample);
        for (Question question : questions) {
          rows.add(row(sample, question, questions.size()));
        }
      }
      return rows;
    }

    @Override
    public void close() throws IOException {
      source.close();
    }
  }

  private static PromptRow row(Sample sample, Question question, int numQuestions) {
    Map<String, String> carried = new TreeMap<>();
    sample.metadata().forEach((name, value) -> carried.put(METADATA + name, value));
    carried.put(SAMPLE, sample.id());
    carried.put(QUESTION_INDEX, Integer.toString(question.index()));
    carried.put(QUESTION, question.text());
    carried.put(EXPECTED, question.expected());
    carried.put(PICTURE, sample.images().stream().findFirst().map(EncodedImage::sha256).orElse(""));
    String id = sample.id() + "#" + question.index();
    return numQuestions > 1 && sample.metadata().containsKey(ReferenceList.KEY)
        ? PromptRow.broken(
            id,
            carried,
            String.format(
                Locale.ROOT,
                "%s belong to one question, but the sample has %d",
                ReferenceList.KEY,
                numQuestions))
        : PromptRow.of(id, carried, question.prompt());
  }
}

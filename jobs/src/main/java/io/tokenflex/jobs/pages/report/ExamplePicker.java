package io.tokenflex.jobs.pages.report;

import io.tokenflex.jobs.pages.html.PictureUri;
import io.tokenflex.jobs.pages.report.ReportData.Answer;
import io.tokenflex.jobs.pages.report.ReportData.Example;
import io.tokenflex.samples.EncodedImage;
import io.tokenflex.samples.Sample;
import io.tokenflex.samples.SampleSource;
import java.io.IOException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Collectors;
import org.apache.spark.sql.Row;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Chooses a few held-out questions worth looking at. */
final class ExamplePicker {
  private static final int PER_KIND = 2;
  private static final int MAX_EXAMPLES = 12;

  private static final Logger log = LoggerFactory.getLogger(ExamplePicker.class);

  private ExamplePicker() {}

  /** A question of the predictions table with its answers by token count. */
  private record Asked(
      String id, String kind, String question, String expected, List<Answer> answers) {
    boolean tokensMatter() {
      return answers.stream().map(Answer::correct).distinct().count() > 1;
    }
  }

  /**
   * Picks of every kind first the questions that some token counts get right and others do not.
   *
   * @param predictions rows in the order of the data
   * @param heldout read from its start until the last picked picture is found
   */
  static List<Example> pick(List<Row> predictions, SampleSource heldout) throws IOException {
    Map<String, List<Asked>> byKind = new TreeMap<>();
    for (Asked asked : group(predictions)) {
      byKind.computeIfAbsent(asked.kind(), kind -> new ArrayList<>()).add(asked);
    }
    List<Asked> picked = new ArrayList<>();
    for (List<Asked> kind : byKind.values()) {
      // stable: in the order of the data within each half
      kind.sort((a, b) -> Boolean.compare(b.tokensMatter(), a.tokensMatter()));
      picked.addAll(kind.subList(0, Math.min(PER_KIND, kind.size())));
    }
    picked.sort((a, b) -> Boolean.compare(b.tokensMatter(), a.tokensMatter()));
    picked = picked.subList(0, Math.min(MAX_EXAMPLES, picked.size()));

    Map<String, EncodedImage> pictures =
        pictures(picked.stream().map(Asked::id).collect(Collectors.toSet()), heldout);
    List<Example> examples = new ArrayList<>();
    for (Asked asked : picked) {
      EncodedImage picture = pictures.get(asked.id());
      Optional<String> uri = picture == null ? Optional.empty() : uri(asked.id(), picture);
      uri.ifPresent(
          shown ->
              examples.add(
                  new Example(
                      shown, asked.kind(), asked.question(), asked.expected(), asked.answers())));
    }
    return examples;
  }

  /** A report lacks a picture rather than failing over it. */
  private static Optional<String> uri(String id, EncodedImage picture) {
    try {
      return Optional.of(PictureUri.of(picture));
    } catch (IOException e) {
      log.warn("The report leaves out sample {}: {}", id, e.getMessage());
      return Optional.empty();
    }
  }

  private static List<Asked> group(List<Row> predictions) {
    Map<String, Asked> byQuestion = new LinkedHashMap<>();
    for (Row row : predictions) {
      String key = row.getAs("id") + "#" + row.getAs("questionIndex");
      byQuestion
          .computeIfAbsent(
              key,
              k ->
                  new Asked(
                      row.getAs("id"),
                      row.getAs("kind"),
                      row.getAs("question"),
                      row.getAs("expected"),
                      new ArrayList<>()))
          .answers()
          .add(
              new Answer(
                  row.getAs("numVisionTokens"), row.getAs("predicted"), row.getAs("correct")));
    }
    byQuestion
        .values()
        .forEach(
            asked ->
                asked
                    .answers()
                    .sort((a, b) -> Integer.compare(a.numVisionTokens(), b.numVisionTokens())));
    return new ArrayList<>(byQuestion.values());
  }

  private static Map<String, EncodedImage> pictures(Set<String> ids, SampleSource heldout)
      throws IOException {
    Map<String, EncodedImage> pictures = new HashMap<>();
    for (int i = 0; i < heldout.numRowGroups() && pictures.size() < ids.size(); i++) {
      for (Sample sample : heldout.readRowGroup(i)) {
        if (ids.contains(sample.id()) && !sample.images().isEmpty()) {
          pictures.putIfAbsent(sample.id(), sample.images().get(0));
        }
      }
    }
    return pictures;
  }
}

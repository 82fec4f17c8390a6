package io.tokenflex.jobs.answers;

import io.tokenflex.failure.InvalidInputException;
import io.tokenflex.generate.Answer;
import io.tokenflex.generate.Prompt;
import io.tokenflex.jobs.answers.ExecutorModel.TimedAnswers;
import io.tokenflex.jobs.failure.Failures;
import java.io.IOException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** Answers slices group by group and commits each: the work of one task. */
final class SliceAnswering {
  private final ExecutorModel model;
  private final AnswerStore store;
  private final int maxNewTokens;
  private final int batchSize;

  SliceAnswering(ExecutorModel model, AnswerStore store, int maxNewTokens, int batchSize) {
    this.model = model;
    this.store = store;
    this.maxNewTokens = maxNewTokens;
    this.batchSize = batchSize;
  }

  /**
   * Answers what is not there yet. Batches never cross a group, so that they do not depend on how
   * slices are spread over tasks. A batch is answered at all counts before the next one, while the
   * model still has what its tower made of the pictures, which of a whole group it might not keep.
   *
   * @param slices those of one group follow each other
   */
  void answer(List<Slice> slices, RowSource.Rows rows) throws IOException {
    store.expectPrecision(model.precision());
    Set<Slice> done = store.committed().keySet(); // of a task that was lost, some are
    Map<Integer, List<Slice>> missing = new LinkedHashMap<>();
    for (Slice slice : slices) {
      if (!done.contains(slice)) {
        missing.computeIfAbsent(slice.group(), group -> new ArrayList<>()).add(slice);
      }
    }
    for (Map.Entry<Integer, List<Slice>> group : missing.entrySet()) {
      answerGroup(rows.read(group.getKey()), group.getValue());
    }
  }

  /** Answers the slices of one group and commits them. */
  private void answerGroup(List<PromptRow> group, List<Slice> slices) throws IOException {
    Map<Slice, Map<Integer, AnsweredRow>> answers = new LinkedHashMap<>();
    slices.forEach(slice -> answers.put(slice, new HashMap<>()));
    List<Integer> whole = new ArrayList<>();
    for (int i = 0; i < group.size(); i++) {
      PromptRow row = group.get(i);
      if (row.prompt().isPresent()) {
        whole.add(i);
      } else {
        for (Map<Integer, AnsweredRow> ofSlice : answers.values()) {
          ofSlice.put(i, AnsweredRow.broken(row, row.problem()));
        }
      }
    }
    for (int start = 0; start < whole.size(); start += batchSize) {
      List<Integer> batch = whole.subList(start, Math.min(start + batchSize, whole.size()));
      answers.forEach((slice, found) -> answer(batch, group, slice.numVisionTokens(), found));
    }
    for (Map.Entry<Slice, Map<Integer, AnsweredRow>> answered : answers.entrySet()) {
      List<AnsweredRow> inOrder = new ArrayList<>(group.size());
      for (int i = 0; i < group.size(); i++) {
        inOrder.add(answered.getValue().get(i));
      }
      store.commit(answered.getKey(), inOrder);
    }
  }

  /** Of a batch that is refused each half is tried, down to the rows that are to blame. */
  private void answer(
      List<Integer> batch, List<PromptRow> group, int count, Map<Integer, AnsweredRow> answers) {
    List<Prompt> prompts =
        batch.stream().map(row -> group.get(row).prompt().orElseThrow()).toList();
    TimedAnswers timed;
    try {
      timed = model.answer(prompts, count, maxNewTokens);
    } catch (InvalidInputException e) {
      if (batch.size() == 1) {
        PromptRow row = group.get(batch.get(0));
        answers.put(batch.get(0), AnsweredRow.broken(row, Failures.inOneLine(e)));
        return;
      }
      int middle = batch.size() / 2;
      answer(batch.subList(0, middle), group, count, answers);
      answer(batch.subList(middle, batch.size()), group, count, answers);
      return;
    }
    for (int i = 0; i < batch.size(); i++) {
      PromptRow row = group.get(batch.get(i));
      Answer answer = timed.answers().get(i);
      answers.put(
          batch.get(i),
          new AnsweredRow(
              row.id(),
              answer.text(),
              answer.numNewTokens(),
              batch.size(),
              timed.seconds(),
              "",
              row.carried(),
              answer.confidence(),
              answer.cost()));
    }
  }
}

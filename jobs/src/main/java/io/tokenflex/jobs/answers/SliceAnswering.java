package io.tokenflex.jobs.answers;

import io.tokenflex.failure.InvalidInputException;
import io.tokenflex.generate.Prompt;
import io.tokenflex.jobs.answers.ExecutorModel.TimedAnswers;
import io.tokenflex.jobs.failure.Failures;
import java.io.IOException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** Answers slices one after the other and commits each: the work of one task. */
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
   * slices are spread over tasks.
   *
   * @param slices those of one group follow each other
   */
  void answer(List<Slice> slices, RowSource.Rows rows) throws IOException {
    store.expectPrecision(model.precision());
    Set<Slice> done = store.committed().keySet(); // of a task that was lost, some are
    int readGroup = -1;
    List<PromptRow> group = List.of();
    for (Slice slice : slices) {
      if (done.contains(slice)) {
        continue;
      }
      if (slice.group() != readGroup) {
        group = rows.read(slice.group());
        readGroup = slice.group();
      }
      store.commit(slice, answer(group, slice.numVisionTokens()));
    }
  }

  private List<AnsweredRow> answer(List<PromptRow> group, int count) {
    Map<Integer, AnsweredRow> answers = new HashMap<>();
    List<Integer> whole = new ArrayList<>();
    for (int i = 0; i < group.size(); i++) {
      if (group.get(i).prompt().isPresent()) {
        whole.add(i);
      } else {
        answers.put(i, AnsweredRow.broken(group.get(i), group.get(i).problem()));
      }
    }
    for (int start = 0; start < whole.size(); start += batchSize) {
      int end = Math.min(start + batchSize, whole.size());
      answer(whole.subList(start, end), group, count, answers);
    }
    List<AnsweredRow> inOrder = new ArrayList<>(group.size());
    for (int i = 0; i < group.size(); i++) {
      inOrder.add(answers.get(i));
    }
    return inOrder;
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
      answers.put(
          batch.get(i),
          new AnsweredRow(
              row.id(),
              timed.answers().get(i).text(),
              timed.answers().get(i).numNewTokens(),
              batch.size(),
              timed.seconds(),
              "",
              row.carried()));
    }
  }
}

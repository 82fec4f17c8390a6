package io.tokenflex.jobs.transformer;

import io.tokenflex.failure.InvalidInputException;
import io.tokenflex.generate.Answer;
import io.tokenflex.generate.Prompt;
import io.tokenflex.jobs.answers.AnswerModel;
import io.tokenflex.jobs.answers.ExecutorModel;
import io.tokenflex.jobs.device.DeviceAssignment;
import io.tokenflex.jobs.failure.Failures;
import java.io.FileNotFoundException;
import java.io.IOException;
import java.io.InputStream;
import java.io.Serializable;
import java.io.UncheckedIOException;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.Iterator;
import java.util.List;
import java.util.NoSuchElementException;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.Path;
import org.apache.spark.TaskContext;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.RowFactory;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The rows of a partition with their answers, a batch at a time. */
final class AnswerRows implements Iterator<Row> {
  private static final Logger log = LoggerFactory.getLogger(AnswerRows.class);

  private final Settings settings;
  private final Iterator<Row> rows;
  private final Configuration hadoop;
  private final ExecutorModel model;
  private final Deque<Row> answered = new ArrayDeque<>();

  /** How rows are asked. */
  record Settings(
      String modelFolder,
      AnswerModel.Loader loader,
      String imageCol,
      String promptCol,
      int numVisionTokens,
      int maxNewTokens,
      int batchSize)
      implements Serializable {}

  AnswerRows(Settings settings, Iterator<Row> rows, Configuration hadoop) throws IOException {
    this.settings = settings;
    this.rows = rows;
    this.hadoop = hadoop;
    this.model =
        ExecutorModel.of(
            settings.modelFolder(),
            settings.loader(),
            () -> DeviceAssignment.of(TaskContext.get(), settings.loader().needsBf16()),
            hadoop);
  }

  @Override
  public boolean hasNext() {
    return !answered.isEmpty() || rows.hasNext();
  }

  @Override
  public Row next() {
    if (answered.isEmpty()) {
      answerBatch();
    }
    return answered.removeFirst();
  }

  private void answerBatch() {
    if (!rows.hasNext()) {
      throw new NoSuchElementException("The partition has ended");
    }
    List<Row> batch = new ArrayList<>();
    List<Prompt> prompts = new ArrayList<>();
    List<Integer> asked = new ArrayList<>();
    while (rows.hasNext() && batch.size() < settings.batchSize()) {
      Row row = rows.next();
      Prompt prompt = prompt(row);
      if (prompt != null) {
        asked.add(batch.size());
        prompts.add(prompt);
      }
      batch.add(row);
    }
    String[] texts = new String[batch.size()];
    List<String> answers = prompts.isEmpty() ? List.of() : answers(prompts);
    for (int i = 0; i < answers.size(); i++) {
      texts[asked.get(i)] = answers.get(i);
    }
    for (int i = 0; i < batch.size(); i++) {
      answered.add(with(batch.get(i), texts[i]));
    }
  }

  /** Where a batch is refused its prompts are asked one by one. */
  private List<String> answers(List<Prompt> prompts) {
    try {
      return model
          .answer(prompts, settings.numVisionTokens(), settings.maxNewTokens())
          .answers()
          .stream()
          .map(Answer::text)
          .toList();
    } catch (InvalidInputException e) {
      if (prompts.size() == 1) {
        log.warn("no answer to '{}': {}", prompts.get(0).question().text(), Failures.inOneLine(e));
        List<String> none = new ArrayList<>();
        none.add(null);
        return none;
      }
      List<String> texts = new ArrayList<>();
      prompts.forEach(prompt -> texts.addAll(answers(List.of(prompt))));
      return texts;
    }
  }

  /** Null if the row cannot be asked. */
  private Prompt prompt(Row row) {
    String question = row.getAs(settings.promptCol());
    Object image = row.getAs(settings.imageCol());
    if (question == null) {
      return null;
    }
    try {
      byte[] file = image instanceof String path ? read(new Path(path)) : (byte[]) image;
      return file == null ? Prompt.of(question) : Prompt.of(question, file);
    } catch (FileNotFoundException | InvalidInputException e) {
      log.warn("no answer to '{}': {}", question, Failures.inOneLine(e));
      return null;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private byte[] read(Path file) throws IOException {
    try (InputStream in = file.getFileSystem(hadoop).open(file)) {
      return in.readAllBytes();
    }
  }

  private static Row with(Row row, String answer) {
    Object[] values = new Object[row.size() + 1];
    for (int i = 0; i < row.size(); i++) {
      values[i] = row.get(i);
    }
    values[row.size()] = answer;
    return RowFactory.create(values);
  }
}

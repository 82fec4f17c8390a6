package io.tokenflex.jobs.answers;

import ai.djl.Device;
import io.tokenflex.generate.Answer;
import io.tokenflex.generate.Prompt;
import io.tokenflex.jobs.run.ModelFolder;
import java.io.IOException;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.function.Supplier;
import org.apache.hadoop.conf.Configuration;

/**
 * The one model of an executor JVM: loaded by the first task, shared by those that follow.
 *
 * <p>Tasks of one executor take turns: a model answers one batch at a time.
 */
public final class ExecutorModel {
  private static ExecutorModel current;

  private final String folder;
  private final String variant;
  private final AnswerModel model;
  private final Set<Integer> warm = new HashSet<>();
  private boolean closed;

  private ExecutorModel(String folder, String variant, AnswerModel model) {
    this.folder = folder;
    this.variant = variant;
    this.model = model;
  }

  /**
   * The model of a folder as a loader makes it, loaded if this JVM holds another one or none.
   * Another one is closed first: two models at once might not fit into the memory of the executor
   * or its GPU.
   *
   * @param folder any Hadoop path; copied to the local disk while loading unless it is local
   * @param device of the task; asked for where the model is loaded, one for all tasks here
   */
  public static synchronized ExecutorModel of(
      String folder, AnswerModel.Loader loader, Supplier<Device> device, Configuration hadoop)
      throws IOException {
    if (current == null || !current.is(folder, loader.variant())) {
      closeCurrent();
      current =
          new ExecutorModel(
              folder,
              loader.variant(),
              ModelFolder.of(folder, hadoop)
                  .readLocally(local -> loader.load(local, device.get())));
    }
    return current;
  }

  private boolean is(String wantedFolder, String wantedVariant) {
    return folder.equals(wantedFolder) && variant.equals(wantedVariant);
  }

  /** Frees the model of this JVM, if it holds one. */
  static synchronized void closeCurrent() {
    if (current != null) {
      ExecutorModel old = current;
      current = null;
      old.close();
    }
  }

  /** Waits for the batch that is being answered; a task that goes on asking is told so. */
  private synchronized void close() {
    closed = true;
    model.close();
  }

  /** What the model computes in. */
  String precision() {
    return model.precision();
  }

  /**
   * Answers and what a clock on the wall says about them, with what they would have taken more
   * without the features of an earlier batch: each number of vision tokens pays for its pictures.
   */
  public record TimedAnswers(List<Answer> answers, double seconds) {}

  /**
   * Answers a batch. The first batch of every token count runs twice and is timed the second time,
   * so that no clock sees memory being mapped and kernels being chosen.
   */
  public synchronized TimedAnswers answer(
      List<Prompt> prompts, int numVisionTokens, int maxNewTokens) {
    if (closed) {
      throw new IllegalStateException(
          "The model " + folder + " was replaced by that of a later job on this executor");
    }
    if (!warm.contains(numVisionTokens)) {
      model.answer(prompts, numVisionTokens, maxNewTokens);
      warm.add(numVisionTokens); // a batch that cannot be asked has warmed nothing
    }
    double spared = model.secondsSpared(prompts);
    long start = System.nanoTime();
    List<Answer> answers = model.answer(prompts, numVisionTokens, maxNewTokens);
    double seconds = (System.nanoTime() - start) / 1e9 + spared;
    if (answers.size() != prompts.size()) {
      throw new IllegalStateException(
          String.format(
              Locale.ROOT,
              "Asked %d prompts at %d vision tokens but got %d answers",
              prompts.size(),
              numVisionTokens,
              answers.size()));
    }
    return new TimedAnswers(answers, seconds);
  }
}

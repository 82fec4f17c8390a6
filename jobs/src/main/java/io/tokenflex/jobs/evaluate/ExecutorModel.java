package io.tokenflex.jobs.evaluate;

import io.tokenflex.jobs.evaluate.AnswerModel.Answer;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.FileUtil;

/**
 * The one model of an executor JVM: loaded by the first task, shared by those that follow.
 *
 * <p>Tasks of one executor take turns: a model answers one batch at a time.
 */
final class ExecutorModel {
  private static ExecutorModel current;

  private final String folder;
  private final AnswerModel model;
  private final Set<Integer> warm = new HashSet<>();

  private ExecutorModel(String folder, AnswerModel model) {
    this.folder = folder;
    this.model = model;
  }

  /**
   * The model of a folder, loaded if this JVM holds another one or none.
   *
   * @param folder any Hadoop path; copied to the local disk while loading unless it is local
   */
  static synchronized ExecutorModel of(
      String folder, AnswerModel.Loader loader, Configuration hadoop) throws IOException {
    if (current == null || !current.folder.equals(folder)) {
      current = new ExecutorModel(folder, load(folder, loader, hadoop));
    }
    return current;
  }

  /** Answers and what a clock on the wall says about them. */
  record TimedAnswers(List<Answer> answers, double seconds) {}

  /**
   * Answers a batch. The first batch of every token count runs twice and is timed the second time,
   * so that no clock sees memory being mapped and kernels being chosen.
   */
  synchronized TimedAnswers answer(
      List<Question> questions, int numVisionTokens, int maxNewTokens) {
    if (warm.add(numVisionTokens)) {
      model.answer(questions, numVisionTokens, maxNewTokens);
    }
    long start = System.nanoTime();
    List<Answer> answers = model.answer(questions, numVisionTokens, maxNewTokens);
    double seconds = (System.nanoTime() - start) / 1e9;
    if (answers.size() != questions.size()) {
      throw new IllegalStateException(
          "Asked %d questions at %d vision tokens but got %d answers"
              .formatted(questions.size(), numVisionTokens, answers.size()));
    }
    return new TimedAnswers(answers, seconds);
  }

  private static AnswerModel load(String folder, AnswerModel.Loader loader, Configuration hadoop)
      throws IOException {
    org.apache.hadoop.fs.Path remote = new org.apache.hadoop.fs.Path(folder);
    FileSystem files = remote.getFileSystem(hadoop);
    if (files.getScheme().equals("file")) {
      return loader.load(Path.of(files.makeQualified(remote).toUri().getPath()));
    }
    Path copy = Files.createTempDirectory("tokenflex-model");
    try {
      Path local = copy.resolve("model");
      if (!FileUtil.copy(files, remote, local.toFile(), false, hadoop)) {
        throw new IOException("Could not copy the model folder " + folder + " to " + local);
      }
      return loader.load(local);
    } finally {
      deleteTree(copy);
    }
  }

  private static void deleteTree(Path folder) {
    try {
      Files.walkFileTree(
          folder,
          new SimpleFileVisitor<>() {
            @Override
            public FileVisitResult visitFile(Path file, BasicFileAttributes attributes)
                throws IOException {
              Files.delete(file);
              return FileVisitResult.CONTINUE;
            }

            @Override
            public FileVisitResult postVisitDirectory(Path visited, IOException failure)
                throws IOException {
              Files.delete(visited);
              return FileVisitResult.CONTINUE;
            }
          });
    } catch (IOException e) {
      throw new UncheckedIOException("Could not delete the model copy " + folder, e);
    }
  }
}

package io.tokenflex.jobs.answers;

import ai.djl.Device;
import io.tokenflex.generate.Answer;
import io.tokenflex.storage.LocalStorage;
import io.tokenflex.storage.Storage;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.apache.hadoop.conf.Configuration;

/** What an executor does, as a process that dies at a chosen moment without cleaning up. */
final class AnsweringProcess {
  static final NumberedRows ROWS = new NumberedRows("numbers", 4, 3);
  static final AnswerSettings SETTINGS = new AnswerSettings("test", List.of(4, 9), 8, 2, 0);

  /** When to die. */
  enum Moment {
    /** While a batch is computed. */
    COMPUTING,
    /** When a slice is answered and nothing of it is written. */
    BEFORE_COMMIT,
    /** When the file of a slice has its name and nobody was told. */
    AFTER_COMMIT
  }

  private AnsweringProcess() {}

  /**
   * Answers, and dies when it comes to that slice.
   *
   * @param args folder of the answers, digest of the model, moment, how many slices before
   */
  public static void main(String[] args) throws IOException {
    Moment moment = Moment.valueOf(args[2]);
    int slicesBefore = Integer.parseInt(args[3]);
    DyingStorage storage =
        new DyingStorage(new LocalStorage(Path.of(args[0])), moment, slicesBefore);
    AnswerStore store =
        AnswerStore.of(storage, AnswerKey.of(args[1], "", SETTINGS, ROWS.fingerprint()));
    AnswerModel.Loader loader =
        (modelFolder, device) ->
            new PlayedModel(
                modelFolder,
                (prompt, count) -> {
                  if (moment == Moment.COMPUTING && storage.numSlices == slicesBefore) {
                    Runtime.getRuntime().halt(9);
                  }
                  return answer(prompt.question().text(), count);
                });
    ExecutorModel model = ExecutorModel.of("played", loader, Device::cpu, new Configuration(false));
    List<Slice> slices = new ArrayList<>();
    for (int group = 0; group < ROWS.numGroups(); group++) {
      for (int count : SETTINGS.numVisionTokens()) {
        slices.add(new Slice(group, count));
      }
    }
    new SliceAnswering(model, store, SETTINGS.maxNewTokens(), SETTINGS.batchSize())
        .answer(slices, ROWS.reader(Set.of()).open(new Configuration(false)));
  }

  static Answer answer(String text, int count) {
    return new Answer(text + " at " + count, 3);
  }

  /** Counts the slices that it is given. */
  private static final class DyingStorage implements Storage {
    private final Storage storage;
    private final Moment moment;
    private final int slicesBefore;
    private int numSlices;

    DyingStorage(Storage storage, Moment moment, int slicesBefore) {
      this.storage = storage;
      this.moment = moment;
      this.slicesBefore = slicesBefore;
    }

    @Override
    public boolean createUnlessTaken(String file, byte[] content) throws IOException {
      boolean isSlice = Path.of(file).getFileName().toString().startsWith("slice-");
      boolean dies = isSlice && numSlices == slicesBefore;
      if (dies && moment == Moment.BEFORE_COMMIT) {
        Runtime.getRuntime().halt(9);
      }
      boolean created = storage.createUnlessTaken(file, content);
      if (dies && moment == Moment.AFTER_COMMIT) {
        Runtime.getRuntime().halt(9);
      }
      numSlices += isSlice ? 1 : 0;
      return created;
    }

    @Override
    public List<String> list(String folder) throws IOException {
      return storage.list(folder);
    }

    @Override
    public InputStream open(String file) throws IOException {
      return storage.open(file);
    }

    @Override
    public OutputStream create(String file) throws IOException {
      return storage.create(file);
    }

    @Override
    public void replace(String file, byte[] content) throws IOException {
      storage.replace(file, content);
    }

    @Override
    public void delete(String path) throws IOException {
      storage.delete(path);
    }

    @Override
    public String locationOf(String path) {
      return storage.locationOf(path);
    }
  }
}

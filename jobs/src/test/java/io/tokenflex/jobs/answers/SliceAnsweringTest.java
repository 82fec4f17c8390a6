package io.tokenflex.jobs.answers;

import static org.assertj.core.api.Assertions.assertThat;

import ai.djl.Device;
import io.tokenflex.generate.Answer;
import io.tokenflex.storage.LocalStorage;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.apache.hadoop.conf.Configuration;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SliceAnsweringTest {
  private static final NumberedRows ROWS = new NumberedRows("rows", 2, 3);

  private final List<String> asked = new ArrayList<>();

  @TempDir Path folder;

  @AfterEach
  void closeModel() {
    ExecutorModel.closeCurrent();
  }

  @Test
  void aBatchIsAnsweredAtAllCountsBeforeTheNext() throws IOException {
    AnswerStore store = new AnswerStore(new LocalStorage(folder), "answers");
    store.commit(new Slice(1, 9), List.of());
    ExecutorModel model =
        ExecutorModel.of(
            "played",
            (modelFolder, device) ->
                new PlayedModel(
                    modelFolder,
                    (prompt, count) -> {
                      asked.add(prompt.question().text() + " at " + count);
                      return new Answer("", 1);
                    }),
            Device::cpu,
            new Configuration(false));
    for (int count : List.of(4, 9)) { // the first batch of a count is asked twice
      model.answer(
          List.of(ROWS.reader(Set.of()).open(null).read(0).get(0).prompt().orElseThrow()),
          count,
          1);
    }
    asked.clear();

    new SliceAnswering(model, store, 1, 2)
        .answer(
            List.of(new Slice(0, 4), new Slice(0, 9), new Slice(1, 4), new Slice(1, 9)),
            ROWS.reader(Set.of()).open(new Configuration(false)));

    assertThat(asked)
        .containsExactly(
            "number 0 at 4",
            "number 1 at 4",
            "number 0 at 9",
            "number 1 at 9",
            "number 2 at 4",
            "number 2 at 9",
            "number 3 at 4",
            "number 4 at 4",
            "number 5 at 4");
    assertThat(store.committed().keySet()).hasSize(4);
  }
}

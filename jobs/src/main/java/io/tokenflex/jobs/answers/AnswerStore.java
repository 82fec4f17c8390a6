package io.tokenflex.jobs.answers;

import com.fasterxml.jackson.databind.ObjectMapper;
import io.tokenflex.failure.DamagedDataException;
import io.tokenflex.failure.InvalidInputException;
import io.tokenflex.storage.Publication;
import io.tokenflex.storage.Storage;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * The answers of one {@link AnswerKey}: a folder with a file for each slice, which is complete or
 * not there. Of several processes that answer the same slice the first one's file stays.
 */
final class AnswerStore {
  /** What the answers depend on; for people, and against two keys under one name. */
  static final String KEY = "key.json";

  /** What the first model of these answers computed in. */
  static final String PRECISION = "precision";

  private static final ObjectMapper JSON = new ObjectMapper();

  private final Storage storage;
  private final String folder;

  /** Content of a slice's file. */
  private record Content(List<AnsweredRow> answers) {}

  AnswerStore(Storage storage, String folder) {
    this.storage = storage;
    this.folder = folder;
  }

  /** The folder of a key, which need not exist. */
  static AnswerStore of(Storage storage, AnswerKey key) throws IOException {
    AnswerStore store = new AnswerStore(storage, key.folderName());
    if (!Publication.publish(storage, store.pathOf(KEY), key.json())) {
      throw new InvalidInputException(
          storage.locationOf(store.pathOf(KEY))
              + " names other settings than those of this job; delete that folder and run again");
    }
    return store;
  }

  String folder() {
    return folder;
  }

  private String pathOf(String name) {
    return folder + "/" + name;
  }

  /** The slices that are there, in order. */
  SortedMap<Slice, Slice.Committed> committed() throws IOException {
    SortedMap<Slice, Slice.Committed> committed = new TreeMap<>();
    for (String name : storage.list(folder)) {
      Slice.Committed.parse(name).ifPresent(found -> committed.put(found.slice(), found));
    }
    return committed;
  }

  /** Puts a slice there as one act, unless it is there. */
  void commit(Slice slice, List<AnsweredRow> answers) throws IOException {
    int numBroken = (int) answers.stream().filter(AnsweredRow::isBroken).count();
    Publication.publish(
        storage,
        pathOf(slice.fileName(answers.size(), numBroken)),
        JSON.writeValueAsBytes(new Content(answers)));
  }

  List<AnsweredRow> read(Slice.Committed committed) throws IOException {
    String path = pathOf(committed.fileName());
    byte[] json;
    try (InputStream in = storage.open(path)) {
      json = in.readAllBytes();
    }
    try {
      return JSON.readValue(json, Content.class).answers();
    } catch (IOException e) {
      throw new DamagedDataException(
          storage.locationOf(path)
              + " holds no answers: "
              + e.getMessage()
              + "; delete it, and it is answered again",
          e);
    }
  }

  /**
   * Lets the first model decide what these answers are computed in: {@code auto} is one thing on a
   * CPU and another on a GPU.
   *
   * @throws InvalidInputException if it was something else
   */
  void expectPrecision(String precision) throws IOException {
    byte[] ours = precision.getBytes(StandardCharsets.UTF_8);
    if (!Publication.publish(storage, pathOf(PRECISION), ours)) {
      throw new InvalidInputException(
          "This executor computes in "
              + precision
              + ", but the answers in "
              + storage.locationOf(folder)
              + " are computed in "
              + precision().orElse("something else")
              + "; they are not mixed: set the precision to one of the two instead of auto");
    }
  }

  /** What the answers are computed in, if one was made. */
  Optional<String> precision() throws IOException {
    if (!storage.list(folder).contains(PRECISION)) {
      return Optional.empty();
    }
    try (InputStream in = storage.open(pathOf(PRECISION))) {
      return Optional.of(new String(in.readAllBytes(), StandardCharsets.UTF_8));
    }
  }
}

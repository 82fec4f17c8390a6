package io.tokenflex.storage;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.random.RandomGenerator;
import java.util.random.RandomGeneratorFactory;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What tests write to memory does what a disk does: the same answers to the same calls. */
class InMemoryStoragePropertyTest {
  private static final int NUM_CALLS = 600;
  private static final List<String> FOLDERS = List.of("", "a", "a/b", "c");
  private static final List<String> FILES =
      List.of("x", "y", "a/x", "a/y", "a/b/x", "a/b/y", "c/x", "c/y");

  @TempDir private Path folder;

  private interface Call {
    Object run(Storage storage) throws IOException;
  }

  @Test
  void aDiskAndMemoryGiveTheSameAnswers() throws IOException {
    Storage disk = new LocalStorage(folder.resolve("disk"));
    Storage memory = new InMemoryStorage();
    for (long seed : List.of(1L, 2L, 3L)) {
      RandomGenerator random = RandomGeneratorFactory.of("L64X128MixRandom").create(seed);
      for (int i = 0; i < NUM_CALLS / 3; i++) {
        String file = FILES.get(random.nextInt(FILES.size()));
        byte[] content = new byte[random.nextInt(20)];
        random.nextBytes(content);
        int kind = random.nextInt(7);
        Call call = storage -> act(storage, kind, file, content);
        assertThat(answer(memory, call))
            .as("seed %d, call %d: %d of %s", seed, i, kind, file)
            .isEqualTo(answer(disk, call));
        for (String listed : FOLDERS) {
          assertThat(memory.list(listed)).as("in %s", listed).isEqualTo(filesIn(disk, listed));
        }
      }
    }
  }

  private static Object act(Storage storage, int kind, String file, byte[] content)
      throws IOException {
    switch (kind) {
      case 0 -> {
        try (OutputStream out = storage.create(file)) {
          out.write(content);
        }
      }
      case 1, 2 -> {
        return storage.createUnlessTaken(file, content);
      }
      case 3 -> storage.replace(file, content);
      case 4 -> storage.delete(file);
      case 5 -> storage.delete(file.contains("/") ? file.substring(0, file.indexOf('/')) : file);
      default -> {
        try (InputStream in = storage.open(file)) {
          return Arrays.toString(in.readAllBytes());
        }
      }
    }
    return "done";
  }

  private static Object answer(Storage storage, Call call) {
    try {
      return call.run(storage);
    } catch (IOException e) {
      return e.getClass();
    }
  }

  /** A folder that has become empty stays on a disk, and is none elsewhere. */
  private static List<String> filesIn(Storage disk, String folder) throws IOException {
    List<String> names = new ArrayList<>();
    for (String name : disk.list(folder)) {
      String path = folder.isEmpty() ? name : folder + "/" + name;
      if (FILES.contains(path) || !filesIn(disk, path).isEmpty()) {
        names.add(name);
      }
    }
    return names;
  }
}

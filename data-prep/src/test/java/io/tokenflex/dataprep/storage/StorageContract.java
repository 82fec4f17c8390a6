package io.tokenflex.dataprep.storage;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.tokenflex.storage.Publication;
import io.tokenflex.storage.Storage;
import java.io.FileNotFoundException;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.file.FileAlreadyExistsException;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

/** What every storage promises. */
abstract class StorageContract {
  private static final int NUM_RIVALS = 4;
  private static final int NUM_ROUNDS = 10;

  /** An empty folder, which need not exist. */
  abstract Storage newStorage() throws IOException;

  private static byte[] bytes(String text) {
    return text.getBytes(UTF_8);
  }

  private static void write(Storage storage, String file, byte[] content) throws IOException {
    try (OutputStream out = storage.create(file)) {
      out.write(content);
    }
  }

  private static byte[] read(Storage storage, String file) throws IOException {
    try (InputStream in = storage.open(file)) {
      return in.readAllBytes();
    }
  }

  @Test
  void whatIsWrittenInPiecesIsReadWhole() throws IOException {
    Storage storage = newStorage();
    byte[] content = new byte[3_000_001];
    new Random(1).nextBytes(content);
    try (OutputStream out = storage.create("deep/er/weights")) {
      out.write(content[0]);
      out.write(content, 1, 2_000_000);
      out.flush();
      out.write(content, 2_000_001, content.length - 2_000_001);
    }
    assertThat(read(storage, "deep/er/weights")).isEqualTo(content);
    assertThat(storage.locationOf("deep/er/weights")).endsWith("/deep/er/weights");
  }

  @Test
  void namesAreListedInOrderFoldersAmongThemAndOfWhatIsNotThereNone() throws IOException {
    Storage storage = newStorage();
    assertThat(storage.list("")).isEmpty();
    assertThat(storage.list("nowhere/at/all")).isEmpty();
    for (String file : List.of("z", "b/2", "b/1/x", "a", "b/.hidden")) {
      write(storage, file, bytes(file));
    }
    assertThat(storage.list("")).containsExactly("a", "b", "z");
    assertThat(storage.list("b")).containsExactly(".hidden", "1", "2");
  }

  @Test
  void aFileThatIsNotThereIsToldFromOtherFailures() throws IOException {
    Storage storage = newStorage();
    write(storage, "folder/there", bytes("x"));
    assertThatThrownBy(() -> read(storage, "folder/gone"))
        .isInstanceOf(FileNotFoundException.class);
    assertThatThrownBy(() -> read(storage, "nowhere/gone"))
        .isInstanceOf(FileNotFoundException.class);
  }

  @Test
  void aFileIsNotCreatedOverAnother() throws IOException {
    Storage storage = newStorage();
    write(storage, "a/b", bytes("first"));
    assertThatThrownBy(() -> write(storage, "a/b", bytes("second")))
        .isInstanceOf(FileAlreadyExistsException.class)
        .hasMessageContaining("a/b");
    assertThat(read(storage, "a/b")).isEqualTo(bytes("first"));
  }

  @Test
  void whatIsWrittenLateDoesNotTouchWhatAnotherCreatedMeanwhile() throws IOException {
    Storage storage = newStorage();
    assertThat(storage.createNeverReplaces()).isTrue();
    byte[] large = new byte[3_000_001];
    OutputStream late = storage.create("step/weights");
    late.write(large);
    storage.delete("step");
    write(storage, "step/weights", bytes("next"));
    try (late) {
      late.write(large);
    } catch (IOException e) {
      // Refused, as by HDFS and by object stores; a disk writes into a file without a name.
    }
    assertThat(read(storage, "step/weights")).isEqualTo(bytes("next"));
    assertThat(storage.list("step")).containsExactly("weights");
  }

  @Test
  void ofTwoWhoWriteAtOnceOneIsRefusedAndTheOthersFileIsWhole() throws IOException {
    Storage storage = newStorage();
    OutputStream first = storage.create("step/weights");
    first.write(bytes("fir"));
    boolean isSecondRefused = isRefused(() -> write(storage, "step/weights", bytes("second")));
    boolean isFirstRefused =
        isRefused(
            () -> {
              first.write(bytes("st"));
              first.close();
            });
    assertThat(isFirstRefused).isNotEqualTo(isSecondRefused);
    assertThat(read(storage, "step/weights")).isEqualTo(bytes(isFirstRefused ? "second" : "first"));
  }

  private interface Act {
    void run() throws IOException;
  }

  private static boolean isRefused(Act act) throws IOException {
    try {
      act.run();
      return false;
    } catch (FileAlreadyExistsException e) {
      return true;
    }
  }

  @Test
  void aNameThatIsTakenIsRefusedAndNothingIsLeftBesideIt() throws IOException {
    Storage storage = newStorage();
    assertThat(storage.createUnlessTaken("a/b", bytes("first"))).isTrue();
    assertThat(storage.createUnlessTaken("a/b", bytes("second"))).isFalse();
    write(storage, "a/c", bytes("written"));
    assertThat(storage.createUnlessTaken("a/c", bytes("second"))).isFalse();
    assertThat(read(storage, "a/b")).isEqualTo(bytes("first"));
    assertThat(read(storage, "a/c")).isEqualTo(bytes("written"));
    assertThat(storage.list("a")).containsExactly("b", "c");
  }

  @Test
  void whoPublishesTheSameTwiceHasPublishedAndAnotherHasNot() throws IOException {
    Storage storage = newStorage();
    assertThat(Publication.publish(storage, "manifest", bytes("ours"))).isTrue();
    assertThat(Publication.publish(storage, "manifest", bytes("ours"))).isTrue();
    assertThat(Publication.publish(storage, "manifest", bytes("theirs"))).isFalse();
    assertThat(read(storage, "manifest")).isEqualTo(bytes("ours"));
  }

  @Test
  void ofSeveralAtOnceOneCreatesAndWhoLooksMeanwhileSeesNothingOrAll() throws Exception {
    Storage storage = newStorage();
    CyclicBarrier start = new CyclicBarrier(NUM_RIVALS + 1);
    ExecutorService rivals = Executors.newFixedThreadPool(NUM_RIVALS + 1);
    try {
      for (int round = 0; round < NUM_ROUNDS; round++) {
        String file = "acts/" + round;
        List<Future<Boolean>> wins = new ArrayList<>();
        for (int rival = 0; rival < NUM_RIVALS; rival++) {
          byte[] content = contentOf(rival);
          wins.add(
              rivals.submit(
                  () -> {
                    start.await(1, TimeUnit.MINUTES);
                    return storage.createUnlessTaken(file, content);
                  }));
        }
        Future<byte[]> seen = rivals.submit(() -> firstSeen(storage, file, start));
        List<Integer> winners = new ArrayList<>();
        for (int rival = 0; rival < NUM_RIVALS; rival++) {
          if (wins.get(rival).get(1, TimeUnit.MINUTES)) {
            winners.add(rival);
          }
        }
        assertThat(winners).as("winners of round %d", round).hasSize(1);
        byte[] won = contentOf(winners.get(0));
        assertThat(read(storage, file)).isEqualTo(won);
        assertThat(seen.get(1, TimeUnit.MINUTES)).as("seen meanwhile").isEqualTo(won);
      }
    } finally {
      rivals.shutdownNow();
    }
    assertThat(storage.list("acts")).as("nothing is left beside them").hasSize(NUM_ROUNDS);
  }

  private static byte[] contentOf(int rival) {
    return bytes(("rival " + rival + " ").repeat(1000));
  }

  private static byte[] firstSeen(Storage storage, String file, CyclicBarrier start)
      throws Exception {
    start.await(1, TimeUnit.MINUTES);
    long end = System.nanoTime() + TimeUnit.MINUTES.toNanos(1);
    while (System.nanoTime() < end) {
      try {
        return read(storage, file);
      } catch (FileNotFoundException e) {
        Thread.onSpinWait();
      }
    }
    throw new AssertionError("nothing came to lie under " + file);
  }

  @Test
  void aFileIsReplacedWhetherItIsThereOrNot() throws IOException {
    Storage storage = newStorage();
    storage.replace("signs/alive", bytes("now"));
    assertThat(read(storage, "signs/alive")).isEqualTo(bytes("now"));
    storage.replace("signs/alive", bytes("later, and longer"));
    storage.replace("signs/alive", bytes("last"));
    assertThat(read(storage, "signs/alive")).isEqualTo(bytes("last"));
    assertThat(storage.list("signs")).containsExactly("alive");
  }

  @Test
  void aFileOrAFolderIsDeletedWithAllItHoldsAndItsNameIsFree() throws IOException {
    Storage storage = newStorage();
    for (String file : List.of("step/manifest", "step/adapter/weights", "step-2/manifest")) {
      write(storage, file, bytes(file));
    }
    storage.delete("step/manifest");
    assertThat(storage.list("step")).containsExactly("adapter");
    storage.delete("step");
    storage.delete("step");
    storage.delete("nowhere/at/all");
    assertThat(storage.list("step")).isEmpty();
    assertThat(storage.list("")).as("of a like name").containsExactly("step-2");
    assertThat(storage.createUnlessTaken("step/manifest", bytes("again"))).isTrue();
    assertThat(read(storage, "step/manifest")).isEqualTo(bytes("again"));
  }
}

package io.tokenflex.samples;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.tokenflex.samples.SampleOrder.Row;
import io.tokenflex.testing.TinySamples;
import java.io.IOException;
import java.lang.ref.WeakReference;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class SampleOrderPropertyTest {
  private static final int LANES = 4;

  /** A dataset drawn from a seed, with the settings to walk it. */
  private record Case(long seed, SampleSource source, int windowRowGroups) {
    static Case of(long seed) {
      Random random = new Random(seed);
      int[] rows = random.ints(2 + random.nextInt(8), 1, 12).toArray();
      rows[0] += LANES;
      return new Case(seed, new TinySamples(seed, rows), 1 + random.nextInt(4));
    }

    SampleOrder order() {
      return new SampleOrder(source, seed, LANES, windowRowGroups);
    }

    GlobalBatches batches(int globalBatchSize, int rank, int worldSize) {
      return new GlobalBatches(source, order(), globalBatchSize, rank, worldSize);
    }

    int numSamples() {
      int total = 0;
      for (int i = 0; i < source.numRowGroups(); i++) {
        total += source.numRows(i);
      }
      return total;
    }
  }

  private static List<String> next(GlobalBatches batches) throws IOException {
    return batches.next().stream().map(Sample::id).toList();
  }

  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3, 4, 5, 6, 7, 8})
  void anEpochFillsEveryLaneEquallyAndRepeatsNoSample(long seed) {
    Case drawn = Case.of(seed);
    SampleOrder order = drawn.order();
    for (long epoch = 0; epoch < 3; epoch++) {
      Set<Row> seen = new HashSet<>();
      for (int lane = 0; lane < LANES; lane++) {
        List<Row> rows = windows(order, epoch, lane).stream().flatMap(List::stream).toList();
        assertThat(rows).as("%s, epoch %d, lane %d", drawn, epoch, lane).hasSize(laneLength(order));
        rows.forEach(row -> assertThat(seen.add(row)).as("%s: %s twice", drawn, row).isTrue());
      }
      assertThat(drawn.numSamples() - seen.size())
          .as("%s: samples left out of epoch %d", drawn, epoch)
          .isBetween(0, LANES - 1);
      assertThat(seen)
          .as("%s: rows that exist", drawn)
          .allMatch(row -> row.row() >= 0 && row.row() < drawn.source().numRows(row.rowGroup()));
    }
  }

  private static List<List<Row>> windows(SampleOrder order, long epoch, int lane) {
    SampleOrder.LaneWindows windows = order.windows(epoch, lane);
    return IntStream.range(0, windows.count()).mapToObj(windows::rows).toList();
  }

  @Test
  void theOrderIsThatOfTheNaiveOneForAnySizesOfRowGroups() {
    compareWithNaiveOrder(0, 300);
  }

  @Test
  @Tag("slow")
  void theOrderIsThatOfTheNaiveOneForManyMoreSizesOfRowGroups() {
    compareWithNaiveOrder(300, 6000);
  }

  private static void compareWithNaiveOrder(long firstSeed, int numSeeds) {
    for (long seed = firstSeed; seed < firstSeed + numSeeds; seed++) {
      Random random = new Random(seed);
      int lanes = 1 + random.nextInt(9);
      int[] rows = random.ints(1 + random.nextInt(40), 1, 2 + random.nextInt(60)).toArray();
      rows[random.nextInt(rows.length)] += lanes;
      int window = 1 + random.nextInt(6);
      SampleOrder order = new SampleOrder(new Counted(rows), seed, lanes, window);
      NaiveSampleOrder naive = new NaiveSampleOrder(rows, seed, lanes, window);
      for (long epoch = 0; epoch < 2; epoch++) {
        for (int lane = 0; lane < lanes; lane++) {
          String place =
              String.format(Locale.ROOT, "seed %d, epoch %d, lane %d", seed, epoch, lane);
          List<List<Row>> expected = naive.windows(epoch, lane);
          assertThat(windows(order, epoch, lane)).as(place).isEqualTo(expected);
          SampleOrder.LaneWindows windows = order.windows(epoch, lane);
          long at = 0;
          for (int w = 0; w < expected.size(); w++) {
            assertThat(windows.start(w)).as(place).isEqualTo(at);
            assertThat(windows.windowAt(at)).as(place).isEqualTo(w);
            at += expected.get(w).size();
            assertThat(windows.windowAt(at - 1)).as(place).isEqualTo(w);
          }
          assertThat(windows.start(expected.size())).as(place).isEqualTo(at);
        }
      }
    }
  }

  /** Row groups that are counted but never read. */
  @SuppressWarnings("ArrayRecordComponent") // never compared
  private record Counted(int[] rows) implements SampleSource {
    @Override
    public String fingerprint() {
      return "counted";
    }

    @Override
    public int numRowGroups() {
      return rows.length;
    }

    @Override
    public int numRows(int rowGroup) {
      return rows[rowGroup];
    }

    @Override
    public List<Sample> readRowGroup(int rowGroup) {
      throw new UnsupportedOperationException("Nothing to read");
    }

    @Override
    public void close() {}
  }

  @Test
  void thirtyMillionSamplesTakeTheMemoryOfTheirRowGroups() {
    int[] rows = new int[240_000];
    Arrays.fill(rows, 125);
    SampleOrder order = new SampleOrder(new Counted(rows), 1, 8, 4);
    Runtime runtime = Runtime.getRuntime();
    SampleOrder.LaneWindows[] lanes = new SampleOrder.LaneWindows[8];
    System.gc();
    long before = runtime.totalMemory() - runtime.freeMemory();
    for (int lane = 0; lane < lanes.length; lane++) {
      lanes[lane] = order.windows(3, lane);
    }
    System.gc();
    long held = runtime.totalMemory() - runtime.freeMemory() - before;
    assertThat(lanes[7].rows(lanes[7].count() - 1)).isNotEmpty();
    assertThat(held).as("bytes held for %d lanes", lanes.length).isLessThan(32L << 20);
  }

  /** Remembers what it handed out as long as somebody else does. */
  private static final class Watched implements SampleSource {
    private static final int ROWS = 8;
    private final List<WeakReference<Sample>> read = new ArrayList<>();

    @Override
    public String fingerprint() {
      return "watched";
    }

    @Override
    public int numRowGroups() {
      return 12;
    }

    @Override
    public int numRows(int rowGroup) {
      return ROWS;
    }

    @Override
    public List<Sample> readRowGroup(int rowGroup) {
      List<Sample> samples = new ArrayList<>();
      for (int row = 0; row < ROWS; row++) {
        List<Turn> turns = List.of(new Turn(Role.USER, "row " + row));
        samples.add(new Sample(rowGroup + "-" + row, List.of(), turns, "", Map.of()));
      }
      samples.forEach(sample -> read.add(new WeakReference<>(sample)));
      return samples;
    }

    long held() {
      return read.stream().filter(reference -> reference.get() != null).count();
    }

    @Override
    public void close() {}
  }

  @Test
  void aLaneHoldsWhatIsLeftOfOneWindow() throws IOException {
    Watched source = new Watched();
    SampleOrder order = new SampleOrder(source, 5, 1, 3);
    GlobalBatches batches = new GlobalBatches(source, order, 1, 0, 1);
    int window = 3 * Watched.ROWS;
    for (int step = 1; step <= 2 * 12 * Watched.ROWS; step++) {
      batches.next();
      int left = (window - step % window) % window;
      if (step % 7 == 0 || step % window <= 1) {
        long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(20);
        while (source.held() > left && System.nanoTime() < deadline) {
          System.gc();
        }
        assertThat(source.held()).as("samples held after %d", step).isLessThanOrEqualTo(left);
      }
    }
  }

  private static int laneLength(SampleOrder order) {
    return Math.toIntExact(order.laneLength());
  }

  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3, 4, 5, 6, 7, 8})
  void aWindowNeverSpansMoreRowGroupsThanSet(long seed) {
    Case drawn = Case.of(seed);
    for (int lane = 0; lane < LANES; lane++) {
      for (List<Row> window : windows(drawn.order(), 0, lane)) {
        assertThat(window.stream().map(Row::rowGroup).distinct().count())
            .as("%s, lane %d", drawn, lane)
            .isBetween(1L, (long) drawn.windowRowGroups());
      }
    }
  }

  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3, 4})
  void theUnionOverRanksDoesNotDependOnTheirNumber(long seed) throws IOException {
    Case drawn = Case.of(seed);
    int steps = 2 * laneLength(drawn.order()); // past the end of an epoch
    List<Set<String>> alone = unions(drawn, 1, steps);
    for (int worldSize : new int[] {2, 4}) {
      assertThat(unions(drawn, worldSize, steps))
          .as("%s on %d ranks", drawn, worldSize)
          .isEqualTo(alone);
    }
  }

  private static List<Set<String>> unions(Case drawn, int worldSize, int steps) throws IOException {
    List<GlobalBatches> ranks = new ArrayList<>();
    for (int rank = 0; rank < worldSize; rank++) {
      ranks.add(drawn.batches(LANES, rank, worldSize));
    }
    List<Set<String>> unions = new ArrayList<>();
    for (int step = 0; step < steps; step++) {
      Set<String> union = new TreeSet<>();
      for (GlobalBatches rank : ranks) {
        List<String> ids = next(rank);
        assertThat(ids).as("%s: equal shares", drawn).hasSize(LANES / worldSize);
        union.addAll(ids);
      }
      unions.add(union);
    }
    return unions;
  }

  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3, 4})
  void seekingAStepEqualsReadingFromTheStart(long seed) throws IOException {
    Case drawn = Case.of(seed);
    GlobalBatches reading = drawn.batches(2 * LANES, 1, 2);
    int steps = 2 * laneLength(drawn.order());
    for (int step = 0; step < steps; step++) {
      List<String> expected = next(reading);
      GlobalBatches sought = drawn.batches(2 * LANES, 1, 2);
      sought.seek(step);
      assertThat(sought.nextStep()).isEqualTo(step);
      assertThat(next(sought)).as("%s, step %d", drawn, step).isEqualTo(expected);
    }
    assertThat(reading.epochAt(steps)).isEqualTo(4.0);
  }

  @Test
  void seedAndEpochChangeTheOrder() {
    SampleSource source = new TinySamples(1, 20, 20, 20, 20);
    SampleOrder order = new SampleOrder(source, 1, LANES, 2);
    assertThat(windows(order, 0, 0)).isNotEqualTo(windows(order, 1, 0));
    assertThat(windows(order, 0, 0))
        .isEqualTo(windows(new SampleOrder(source, 1, LANES, 2), 0, 0))
        .isNotEqualTo(windows(new SampleOrder(source, 2, LANES, 2), 0, 0));
  }

  @Test
  void settingsThatCannotBeServedAreRejected() {
    SampleSource three = new TinySamples(1, 2, 1);
    assertThatThrownBy(() -> new SampleOrder(three, 1, 4, 1))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage(
            "The dataset has 3 samples for 4 lanes; lower train.lanes or prepare more samples");
    assertThatThrownBy(() -> new SampleOrder(three, 1, 0, 1))
        .hasMessage("lanes is 0 and windowRowGroups is 1; both must be at least 1");
    SampleOrder order = new SampleOrder(new TinySamples(1, 8), 1, 4, 1);
    assertThatThrownBy(() -> new GlobalBatches(three, order, 8, 0, 3))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("the number of ranks (3) does not divide train.lanes (4); change one of them");
    assertThatThrownBy(() -> new GlobalBatches(three, order, 6, 0, 2))
        .hasMessage(
            "train.lanes (4) does not divide train.globalBatchSize (6); change one of them");
  }
}

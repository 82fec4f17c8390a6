package io.tokenflex.data;

import java.io.IOException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Reads one canonical lane, epoch after epoch, from any position on. */
final class Lane {
  private final SampleSource source;
  private final SampleOrder order;
  private final int number;
  private long position;
  private long loadedEpoch = -1;
  private List<List<SampleOrder.Row>> windows = List.of();
  private int loadedWindow = -1;
  private List<Sample> samples = List.of();

  Lane(SampleSource source, SampleOrder order, int number) {
    this.source = source;
    this.order = order;
    this.number = number;
  }

  /** Continues at a position counted over all epochs. */
  void seek(long newPosition) {
    position = newPosition;
  }

  Sample next() throws IOException {
    long epoch = position / order.laneLength();
    int offset = (int) (position % order.laneLength());
    if (epoch != loadedEpoch) {
      windows = order.windows(epoch, number);
      loadedEpoch = epoch;
      loadedWindow = -1;
    }
    int window = 0;
    while (offset >= windows.get(window).size()) {
      offset -= windows.get(window).size();
      window++;
    }
    if (window != loadedWindow) {
      samples = read(windows.get(window));
      loadedWindow = window;
    }
    position++;
    return samples.get(offset);
  }

  private List<Sample> read(List<SampleOrder.Row> rows) throws IOException {
    Map<Integer, List<Sample>> rowGroups = new LinkedHashMap<>();
    List<Sample> read = new ArrayList<>(rows.size());
    for (SampleOrder.Row row : rows) {
      List<Sample> group = rowGroups.get(row.rowGroup());
      if (group == null) {
        group = source.readRowGroup(row.rowGroup());
        rowGroups.put(row.rowGroup(), group);
      }
      read.add(group.get(row.row()));
    }
    return read;
  }
}

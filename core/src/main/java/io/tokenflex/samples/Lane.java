package io.tokenflex.samples;

import java.io.IOException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Reads one lane, epoch after epoch, from any position.
 *
 * <p>Memory: the samples of one window. The old window is released before the next is read, and
 * each sample when it is returned.
 */
final class Lane {
  private final SampleSource source;
  private final SampleOrder order;
  private final int number;
  private long position;
  private long epoch = -1;
  private SampleOrder.LaneWindows windows;
  private int window = -1;

  /** The window's samples in training order; null once returned. */
  private Sample[] samples = {};

  Lane(SampleSource source, SampleOrder order, int number) {
    this.source = source;
    this.order = order;
    this.number = number;
  }

  /** Moves to a position counted over all epochs. */
  void seek(long newPosition) {
    position = newPosition;
    window = -1;
  }

  Sample next() throws IOException {
    if (position / order.laneLength() != epoch) {
      epoch = position / order.laneLength();
      windows = order.windows(epoch, number);
      window = -1;
    }
    long place = position % order.laneLength();
    if (window < 0 || place >= windows.start(window + 1)) {
      read(windows.windowAt(place));
    }
    int at = (int) (place - windows.start(window));
    Sample sample = samples[at];
    samples[at] = null;
    position++;
    return sample;
  }

  private void read(int next) throws IOException {
    samples = new Sample[0]; // released before the next window is read
    List<SampleOrder.Row> rows = windows.rows(next);
    Map<Integer, List<Integer>> placesByRowGroup = new LinkedHashMap<>();
    for (int i = 0; i < rows.size(); i++) {
      placesByRowGroup.computeIfAbsent(rows.get(i).rowGroup(), group -> new ArrayList<>()).add(i);
    }
    Sample[] read = new Sample[rows.size()];
    for (Map.Entry<Integer, List<Integer>> entry : placesByRowGroup.entrySet()) {
      List<Sample> rowGroup = source.readRowGroup(entry.getKey());
      for (int i : entry.getValue()) {
        read[i] = rowGroup.get(rows.get(i).row());
      }
    }
    samples = read;
    window = next;
  }
}

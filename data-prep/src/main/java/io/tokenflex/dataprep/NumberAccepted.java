package io.tokenflex.dataprep;

import io.tokenflex.dataprep.validate.CheckedRecord;
import io.tokenflex.dataprep.validate.CheckedRecord.Accepted;
import java.util.Iterator;
import java.util.List;
import java.util.Spliterator;
import java.util.Spliterators;
import java.util.stream.StreamSupport;
import org.apache.spark.api.java.function.Function2;
import scala.Tuple2;

/** Task: gives each accepted record its place in the whole dataset, counted from 0. */
final class NumberAccepted
    implements Function2<Integer, Iterator<CheckedRecord>, Iterator<Tuple2<Long, Accepted>>> {
  private static final long serialVersionUID = 1;

  private final long[] firstNumbers;

  NumberAccepted(List<Long> acceptedByPartition) {
    firstNumbers = new long[acceptedByPartition.size()];
    for (int i = 1; i < firstNumbers.length; i++) {
      firstNumbers[i] = firstNumbers[i - 1] + acceptedByPartition.get(i - 1);
    }
  }

  @Override
  public Iterator<Tuple2<Long, Accepted>> call(Integer partition, Iterator<CheckedRecord> records) {
    long[] next = {firstNumbers[partition]};
    return StreamSupport.stream(
            Spliterators.spliteratorUnknownSize(records, Spliterator.ORDERED), false)
        .filter(record -> record instanceof Accepted)
        .map(record -> new Tuple2<>(next[0]++, (Accepted) record))
        .iterator();
  }
}

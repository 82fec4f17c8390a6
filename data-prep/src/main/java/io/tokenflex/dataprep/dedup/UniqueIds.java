package io.tokenflex.dataprep.dedup;

import io.tokenflex.dataprep.order.ShuffleKey;
import io.tokenflex.dataprep.record.CheckedRecord;
import io.tokenflex.dataprep.record.CheckedRecord.Accepted;
import io.tokenflex.dataprep.record.RecordIds;
import io.tokenflex.dataprep.record.RejectReason;
import java.util.HashMap;
import java.util.Iterator;
import java.util.Locale;
import java.util.Map;
import java.util.Spliterator;
import java.util.Spliterators;
import java.util.stream.StreamSupport;
import org.apache.spark.api.java.Optional;
import scala.Tuple2;

/**
 * Enforces unique ids: the first record of each id is kept, others are renamed or rejected. The
 * input is sorted by {@link ShuffleKey}, so equal ids are adjacent. An empty entry stands for a
 * sample already in the dataset.
 */
public final class UniqueIds {
  private final DuplicateIds duplicateIds;
  private final Map<String, Integer> copiesByDigest = new HashMap<>();
  private String previousId;
  private String holder;

  private UniqueIds(DuplicateIds duplicateIds) {
    this.duplicateIds = duplicateIds;
  }

  public static Iterator<CheckedRecord> judge(
      DuplicateIds duplicateIds, Iterator<Tuple2<ShuffleKey, Optional<Accepted>>> claims) {
    UniqueIds ids = new UniqueIds(duplicateIds);
    return StreamSupport.stream(
            Spliterators.spliteratorUnknownSize(claims, Spliterator.ORDERED), false)
        .map(ids::judge)
        .filter(java.util.Optional::isPresent)
        .map(java.util.Optional::get)
        .iterator();
  }

  private java.util.Optional<CheckedRecord> judge(Tuple2<ShuffleKey, Optional<Accepted>> claim) {
    String id = claim._1().id();
    boolean isFirst = !id.equals(previousId);
    previousId = id;
    if (isFirst) {
      copiesByDigest.clear();
    }
    if (!claim._2().isPresent()) {
      holder = "The dataset holds another record with this id: ids must stay";
      return java.util.Optional.empty();
    }
    Accepted record = claim._2().get();
    if (isFirst) {
      holder =
          String.format(
              Locale.ROOT,
              "Record %d of %s has the same id and was kept",
              record.place().position(),
              record.sourceFile());
      copiesByDigest.put(record.recordDigest(), record.heldCopies() + 1);
      return java.util.Optional.of(record);
    }
    if (duplicateIds == DuplicateIds.REJECT && !RecordIds.isMadeUp(id)) {
      return java.util.Optional.of(
          record.rejected(
              RejectReason.DUPLICATE_ID,
              holder + "; prepare.duplicateIds = number keeps both, under ids of their own",
              id));
    }
    int copy = copiesByDigest.getOrDefault(record.recordDigest(), record.heldCopies());
    copiesByDigest.put(record.recordDigest(), copy + 1);
    return java.util.Optional.of(
        record.withId(RecordIds.numbered(id, record.recordDigest(), copy)));
  }
}

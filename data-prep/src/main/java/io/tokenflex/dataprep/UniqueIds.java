package io.tokenflex.dataprep;

import io.tokenflex.dataprep.record.RejectReason;
import io.tokenflex.dataprep.validate.CheckedRecord;
import io.tokenflex.dataprep.validate.CheckedRecord.Accepted;
import java.util.Iterator;
import java.util.Locale;
import java.util.Spliterator;
import java.util.Spliterators;
import java.util.stream.Stream;
import java.util.stream.StreamSupport;
import org.apache.spark.api.java.Optional;
import scala.Tuple2;

/**
 * Lets the first record of each id pass; equal ids are neighbours in {@link ShuffleKey}'s order. An
 * empty entry stands for a sample that the dataset holds already.
 */
final class UniqueIds {
  private String previousId;
  private String holder;

  private UniqueIds() {}

  static Iterator<CheckedRecord> judge(Iterator<Tuple2<ShuffleKey, Optional<Accepted>>> claims) {
    UniqueIds ids = new UniqueIds();
    return StreamSupport.stream(
            Spliterators.spliteratorUnknownSize(claims, Spliterator.ORDERED), false)
        .flatMap(ids::judge)
        .iterator();
  }

  private Stream<CheckedRecord> judge(Tuple2<ShuffleKey, Optional<Accepted>> claim) {
    String id = claim._1().id();
    Optional<Accepted> record = claim._2();
    boolean isFirst = !id.equals(previousId);
    previousId = id;
    if (!record.isPresent()) {
      holder =
          "The dataset holds another record with this id; ids must stay, or overwrite must be set";
      return Stream.empty();
    }
    if (isFirst) {
      holder =
          String.format(
              Locale.ROOT,
              "Record %d of %s has the same id and was kept",
              record.get().place().position(),
              record.get().sourceFile());
      return Stream.of(record.get());
    }
    return Stream.of(record.get().rejected(RejectReason.DUPLICATE_ID, holder, id));
  }
}

package io.tokenflex.dataprep.prepare;

import io.tokenflex.dataprep.input.HeldRecords;
import io.tokenflex.dataprep.input.InputFile;
import io.tokenflex.dataprep.input.PicturesSeen;
import io.tokenflex.dataprep.input.PlannedSplit;
import io.tokenflex.dataprep.input.TaskMemory;
import io.tokenflex.dataprep.pack.PackWriter;
import io.tokenflex.dataprep.record.CheckedRecord;
import io.tokenflex.dataprep.record.CheckedRecord.Rejected;
import io.tokenflex.dataprep.record.Place;
import io.tokenflex.dataprep.record.RecordIds;
import io.tokenflex.dataprep.source.ReadRecord;
import io.tokenflex.dataprep.source.ReadRecord.Malformed;
import io.tokenflex.dataprep.source.ReadRecord.Parsed;
import io.tokenflex.dataprep.validate.ImageRules;
import io.tokenflex.dataprep.validate.RecordChecker;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.Path;
import org.apache.spark.TaskContext;
import org.apache.spark.api.java.function.FlatMapFunction;
import org.apache.spark.broadcast.Broadcast;
import org.apache.spark.util.CollectionAccumulator;
import org.apache.spark.util.SerializableConfiguration;

/**
 * Task: reads a split, validates its records and packs their images. The pack's name is unique to
 * the task attempt, so attempts do not conflict.
 */
final class CheckRecords implements FlatMapFunction<PlannedSplit, CheckedRecord> {
  private static final long serialVersionUID = 1;

  private final PrepareConfig config;
  private final String packFolder;
  private final Broadcast<Map<Integer, HeldRecords>> present;
  private final CollectionAccumulator<PicturesSeen> pictures;
  private final Broadcast<SerializableConfiguration> hadoop;

  /**
   * Creates the task.
   *
   * @param present by split number: its records that are already in the dataset
   * @param pictures receives the counts of records with and without images
   */
  CheckRecords(
      PrepareConfig config,
      String packFolder,
      Broadcast<Map<Integer, HeldRecords>> present,
      CollectionAccumulator<PicturesSeen> pictures,
      Broadcast<SerializableConfiguration> hadoop) {
    this.config = config;
    this.packFolder = packFolder;
    this.present = present;
    this.pictures = pictures;
    this.hadoop = hadoop;
  }

  @Override
  public Iterator<CheckedRecord> call(PlannedSplit split) throws IOException {
    Configuration configuration = hadoop.value().value();
    HeldRecords held = present.value().getOrDefault(split.number(), HeldRecords.NONE);
    List<CheckedRecord> checked = new ArrayList<>();
    Path packPath =
        new Path(
            packFolder,
            String.format(Locale.ROOT, "%d-%d", split.number(), TaskContext.get().taskAttemptId()));
    try (PackWriter pack = new PackWriter(packPath.getFileSystem(configuration), packPath)) {
      InputFile file = split.file();
      RecordChecker checker =
          new RecordChecker(
              file.path(),
              config.settings().limits().maxTextChars(),
              new ImageRules(
                  file.imageFolder(configuration),
                  config.settings().limits(),
                  config.settings().images(),
                  config.settings().dedup(),
                  pack));
      PicturesSeen seen = new PicturesSeen(file.input());
      int[] numRead = {0};
      TaskMemory.read(
          split,
          configuration,
          read -> {
            seen.add(read);
            int number = numRead[0]++;
            if (!held.present().get(number)) {
              int copies = held.copies().getOrDefault(number, 0);
              checked.add(check(checker, file, read, copies));
            }
          });
      pictures.add(seen);
    }
    return checked.iterator();
  }

  private static CheckedRecord check(
      RecordChecker checker, InputFile file, ReadRecord read, int heldCopies) throws IOException {
    Place place = new Place(file.number(), read.position());
    if (read instanceof Malformed malformed) {
      return new Rejected(
          place,
          file.path(),
          malformed.id(),
          malformed.reason(),
          malformed.detail(),
          malformed.valueSample(),
          malformed.lost());
    }
    RecordIds.Identified identified =
        RecordIds.identify(((Parsed) read).record(), file.input().idPrefix());
    return checker.check(place, identified.record(), identified.digest(), heldCopies);
  }
}

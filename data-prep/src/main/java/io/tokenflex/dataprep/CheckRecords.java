package io.tokenflex.dataprep;

import io.tokenflex.dataprep.source.ImageFolder;
import io.tokenflex.dataprep.source.InputFile;
import io.tokenflex.dataprep.source.InputSplit;
import io.tokenflex.dataprep.source.RawRecord;
import io.tokenflex.dataprep.validate.CheckedRecord;
import io.tokenflex.dataprep.validate.RecordChecker;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.Path;
import org.apache.spark.api.java.function.FlatMapFunction;
import org.apache.spark.broadcast.Broadcast;
import org.apache.spark.util.SerializableConfiguration;

/** Task: reads a split and checks its records one by one. */
final class CheckRecords implements FlatMapFunction<InputSplit, CheckedRecord> {
  private static final long serialVersionUID = 1;

  private final PrepareConfig config;
  private final boolean isArray;
  private final Broadcast<SerializableConfiguration> hadoop;

  CheckRecords(PrepareConfig config, boolean isArray, Broadcast<SerializableConfiguration> hadoop) {
    this.config = config;
    this.isArray = isArray;
    this.hadoop = hadoop;
  }

  @Override
  public Iterator<CheckedRecord> call(InputSplit split) throws IOException {
    Configuration configuration = hadoop.value().value();
    Path input = new Path(config.input());
    Path imageRoot = new Path(config.imageFolder());
    RecordChecker checker =
        new RecordChecker(
            input.getName(),
            new ImageFolder(imageRoot.getFileSystem(configuration), imageRoot),
            config.maxTextChars(),
            config.maxImageBytes(),
            config.maxPixels());
    List<CheckedRecord> checked = new ArrayList<>(split.numRecords());
    InputFile file = new InputFile(input.getFileSystem(configuration), input);
    for (RawRecord raw : file.read(split, isArray)) {
      checked.add(checker.check(raw));
    }
    return checked.iterator();
  }
}

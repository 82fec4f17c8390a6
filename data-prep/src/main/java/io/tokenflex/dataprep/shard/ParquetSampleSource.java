package io.tokenflex.dataprep.shard;

import io.tokenflex.dataprep.dataset.DatasetFolder;
import io.tokenflex.dataprep.dataset.DatasetLayout;
import io.tokenflex.dataprep.dataset.Manifest;
import io.tokenflex.failure.DamagedDataException;
import io.tokenflex.samples.Sample;
import io.tokenflex.samples.SampleSource;
import java.io.IOException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.FileStatus;
import org.apache.parquet.HadoopReadOptions;
import org.apache.parquet.ParquetReadOptions;
import org.apache.parquet.column.page.PageReadStore;
import org.apache.parquet.hadoop.ParquetFileReader;
import org.apache.parquet.hadoop.util.HadoopInputFile;
import org.apache.parquet.io.ColumnIOFactory;
import org.apache.parquet.io.MessageColumnIO;
import org.apache.parquet.io.RecordReader;

/**
 * Reads a dataset by row group. Row groups are numbered over all shards in manifest order. Not
 * thread-safe.
 */
public final class ParquetSampleSource implements SampleSource {
  /**
   * Shards kept open, because a shuffle window alternates between them and opening reads the
   * footer.
   */
  private static final int MAX_OPEN_SHARDS = 8;

  private final DatasetFolder folder;
  private final Manifest manifest;
  private final Configuration configuration;
  private final ParquetReadOptions options;
  private final List<Place> places = new ArrayList<>();
  private final Map<Manifest.Shard, ParquetFileReader> openShards =
      new LinkedHashMap<>(16, 0.75f, true);

  /** Shard and index of a row group. */
  private record Place(Manifest.Shard shard, int rowGroupInShard, int numRows) {}

  private ParquetSampleSource(
      DatasetFolder folder, Manifest manifest, Configuration configuration) {
    this.folder = folder;
    this.manifest = manifest;
    this.configuration = configuration;
    this.options =
        HadoopReadOptions.builder(configuration).usePageChecksumVerification(true).build();
    for (Manifest.Shard shard : manifest.shards()) {
      for (int i = 0; i < shard.rowGroups(); i++) {
        places.add(new Place(shard, i, shard.rowsOf(i, manifest.rowsPerRowGroup())));
      }
    }
  }

  /**
   * Opens a dataset.
   *
   * @param folder URI of the dataset folder
   * @param version to read; the newest if empty
   * @throws IllegalArgumentException if the version does not exist or has an unknown format version
   */
  public static ParquetSampleSource open(
      String folder, Optional<Integer> version, Configuration configuration) throws IOException {
    DatasetFolder dataset = DatasetFolder.at(folder, configuration);
    return new ParquetSampleSource(dataset, dataset.require(version), configuration);
  }

  /** Opens the newest version of a dataset. */
  public static ParquetSampleSource open(String folder, Configuration configuration)
      throws IOException {
    return open(folder, Optional.empty(), configuration);
  }

  public Manifest manifest() {
    return manifest;
  }

  @Override
  public String fingerprint() {
    return manifest.contentFingerprint();
  }

  @Override
  public int numRowGroups() {
    return places.size();
  }

  @Override
  public int numRows(int rowGroup) {
    return places.get(rowGroup).numRows();
  }

  /** Describes a row group for messages: shard and index. */
  public String nameOf(int rowGroup) {
    Place place = places.get(rowGroup);
    return String.format(
        Locale.ROOT,
        "shard %s, row group %d of %d",
        folder.pathOf(place.shard().file()),
        place.rowGroupInShard(),
        place.shard().rowGroups());
  }

  /**
   * Reads a row group.
   *
   * @throws DamagedDataException if the shard differs from its manifest entry
   * @throws IOException if reading failed although the shard is intact, or its state is unknown
   */
  @Override
  public List<Sample> readRowGroup(int rowGroup) throws IOException {
    Place place = places.get(rowGroup);
    try {
      return read(place);
    } catch (IOException | RuntimeException e) {
      String message = "Cannot read " + nameOf(rowGroup) + ": " + e.getMessage();
      Optional<String> damage = ShardDamage.of(folder, place.shard());
      if (damage.isPresent()) {
        throw new DamagedDataException(message + "; " + damage.get(), e);
      }
      throw new IOException(message, e);
    }
  }

  private List<Sample> read(Place place) throws IOException {
    ParquetFileReader shard = openShard(place.shard());
    try (PageReadStore pages = shard.readRowGroup(place.rowGroupInShard())) {
      if (pages.getRowCount() != place.numRows()) {
        throw new IOException(
            String.format(
                Locale.ROOT,
                "it has %d rows but the manifest says %d; the shard was replaced",
                pages.getRowCount(),
                place.numRows()));
      }
      MessageColumnIO columns =
          new ColumnIOFactory(shard.getFileMetaData().getCreatedBy())
              .getColumnIO(ShardSchema.SAMPLE, shard.getFileMetaData().getSchema());
      RecordReader<Sample> records = columns.getRecordReader(pages, new SampleMaterializer());
      List<Sample> samples = new ArrayList<>(place.numRows());
      for (int i = 0; i < place.numRows(); i++) {
        samples.add(records.read());
      }
      return samples;
    }
  }

  private ParquetFileReader openShard(Manifest.Shard shard) throws IOException {
    ParquetFileReader open = openShards.get(shard);
    if (open != null) {
      return open;
    }
    if (openShards.size() >= MAX_OPEN_SHARDS) {
      Manifest.Shard eldest = openShards.keySet().iterator().next();
      openShards.remove(eldest).close();
    }
    FileStatus status = folder.fileSystem().getFileStatus(folder.pathOf(shard.file()));
    if (status.getLen() != shard.bytes()) {
      throw new IOException(
          String.format(
              Locale.ROOT,
              "the file has %d bytes but the manifest says %d; it is cut off or was replaced",
              status.getLen(),
              shard.bytes()));
    }
    ParquetFileReader reader =
        ParquetFileReader.open(HadoopInputFile.fromStatus(status, configuration), options);
    String version =
        reader.getFileMetaData().getKeyValueMetaData().get(DatasetLayout.FORMAT_VERSION_KEY);
    if (!DatasetLayout.isReadable(version)) {
      reader.close();
      throw new IOException(
          String.format(
              Locale.ROOT,
              "its footer has %s %s but this program reads %s",
              DatasetLayout.FORMAT_VERSION_KEY,
              version,
              DatasetLayout.readableVersions()));
    }
    // Skips columns that only preparations need.
    reader.setRequestedSchema(ShardSchema.SAMPLE);
    openShards.put(shard, reader);
    return reader;
  }

  @Override
  public void close() throws IOException {
    IOException failure = null;
    for (ParquetFileReader reader : openShards.values()) {
      try {
        reader.close();
      } catch (IOException e) {
        failure = e;
      }
    }
    openShards.clear();
    if (failure != null) {
      throw failure;
    }
  }
}

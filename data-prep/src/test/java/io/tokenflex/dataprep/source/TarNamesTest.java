package io.tokenflex.dataprep.source;

import static org.assertj.core.api.Assertions.assertThat;

import io.tokenflex.dataprep.record.RejectReason;
import io.tokenflex.dataprep.record.SourceImage;
import io.tokenflex.dataprep.record.SourceRecord;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.SequenceInputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.zip.GZIPOutputStream;
import org.apache.commons.compress.archivers.tar.TarArchiveEntry;
import org.apache.commons.compress.archivers.tar.TarArchiveOutputStream;
import org.apache.commons.compress.archivers.tar.TarConstants;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Which members of a tar file form a sample, and which never do. */
class TarNamesTest {
  @TempDir Path folder;

  private List<ReadRecord> read(Object... namesAndContents) throws IOException {
    return read(TarFiles.archive(namesAndContents));
  }

  private List<ReadRecord> read(byte[] file) throws IOException {
    return SourceReading.readAll(Files.write(folder.resolve("t.tar"), file));
  }

  @ParameterizedTest
  @ValueSource(strings = {"jfif", "jpe", "JPG", "dib", "tiff", "tif", "avif", "heic", "jxl", "svg"})
  void aPictureIsOneWhetherOrNotItCanBeDecoded(String extension) throws IOException {
    SourceRecord record =
        SourceReading.parsed(read("0." + extension, "x", "0.txt", "caption").get(0));
    assertThat(record.images()).hasSize(1);
  }

  @ParameterizedTest
  @ValueSource(strings = {"npy", "mp4", "cls", "raw", "picture"})
  void aCaptionBesideWhatIsNoPictureIsRejectedWithTheNames(String extension) throws IOException {
    ReadRecord record = read("0." + extension, "x", "0.txt", "caption").get(0);
    assertThat(SourceReading.malformed(record, RejectReason.IMAGE_MISSING).valueSample())
        .isEqualTo(extension.compareTo("txt") < 0 ? extension + ", txt" : "txt, " + extension);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "prompt.txt target.txt input.png | which of them is the answer",
        "v1.jpg v1.txt v2.jpg v2.txt | which of them is the answer",
        "txt 0.txt jpg | which of them is the answer",
        "v1.jpg v1.json v2.jpg v2.json | which of them is the record",
        "json meta.json jpg | which of them is the record",
        "v1.jpg v1.txt v2.jpg | named like one of them",
        "v2.json v1.jpg v2.jpg | named like one of them",
        "jpg png txt | which of them the text is about",
        "0.jpg 0.webp 1.jpg txt | which of them the text is about",
        "jpg JPG txt | has two members .jpg",
      })
  void membersThatDoNotBelongTogetherAreRefusedNeverMerged(String suffixes, String reason)
      throws IOException {
    List<Object> members = new ArrayList<>();
    for (String suffix : suffixes.split(" ", -1)) {
      members.add("a/key." + suffix);
      members.add(suffix.endsWith("json") ? "{\"caption\": \"" + suffix + "\"}" : suffix);
    }
    List<ReadRecord> records = read(members.toArray());
    assertThat(records).hasSize(1);
    ReadRecord.Malformed refused =
        SourceReading.malformed(records.get(0), RejectReason.MALFORMED_RECORD);
    assertThat(refused.detail()).contains(reason);
    assertThat(refused.id()).isEqualTo("a/key");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "jpg txt",
        "input.png target.txt",
        "0.jpg 1.jpg txt",
        "0.jpg 1.jpg caption.txt",
        "0.jpg 1.png json",
        "v1.jpg v1.txt",
        "jpg txt json cls npy"
      })
  void membersWithOneTextAreOneSample(String suffixes) throws IOException {
    List<Object> members = new ArrayList<>();
    long numImages = 0;
    for (String suffix : suffixes.split(" ", -1)) {
      members.add("key." + suffix);
      members.add(suffix.endsWith("json") ? "{\"caption\": \"c\"}" : "c");
      numImages += suffix.endsWith("jpg") || suffix.endsWith("png") ? 1 : 0;
    }
    List<ReadRecord> records = read(members.toArray());
    assertThat(records).hasSize(1);
    assertThat(SourceReading.parsed(records.get(0)).images()).hasSize((int) numImages);
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "./", "deep/er.v1/", "Ünï/"})
  void whatAMacAddsIsNoMember(String place) throws IOException {
    List<ReadRecord> records =
        read(
            place + "._0.jpg", "attributes",
            place + "0.jpg", "picture",
            place + "._0.txt", "attributes",
            place + "0.txt", "caption",
            place + ".DS_Store", "x",
            "__MACOSX/" + place + "._0.jpg", "attributes",
            "__MACOSX/" + place + "0.txt", "attributes",
            place + "._1.jpg", "attributes",
            place + "._1.txt", "attributes");
    assertThat(SourceReading.parsedIds(records)).containsExactly(place + "0");
    assertThat(records).hasSize(1);
  }

  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3, 4, 5, 6})
  void inAnyOrderOfMembersNoTextLosesItsPictureAndNoneGetsAnothers(long seed) throws IOException {
    Random random = new Random(seed);
    List<String> names = new ArrayList<>();
    for (int key = 0; key < 12; key++) {
      names.add(key + ".jpg");
      names.add(key + ".txt");
    }
    // From two swaps to a full shuffle.
    for (int swap = 0; swap < 1 << seed; swap++) {
      Collections.swap(names, random.nextInt(24), random.nextInt(24));
    }
    List<Object> members = new ArrayList<>();
    for (String name : names) {
      members.add(name);
      members.add(name);
    }
    List<ReadRecord> records = read(members.toArray());
    long numMembers = 0;
    for (ReadRecord record : records) {
      if (record instanceof ReadRecord.Parsed parsed) {
        SourceRecord sample = parsed.record();
        assertThat(sample.images()).as("seed %d: %s", seed, names).hasSize(1);
        SourceImage.Embedded image = (SourceImage.Embedded) sample.images().get(0);
        assertThat(image.bytes()).asString().isEqualTo(sample.id() + ".jpg");
        assertThat(sample.conversation().get(1).text()).isEqualTo(sample.id() + ".txt");
        numMembers += 2;
      } else {
        ReadRecord.Malformed lone = (ReadRecord.Malformed) record;
        assertThat(lone.reason())
            .as("seed %d: %s", seed, lone)
            .isIn(
                RejectReason.MISSING_CONVERSATION,
                RejectReason.IMAGE_MISSING,
                RejectReason.MALFORMED_RECORD);
        numMembers++;
      }
    }
    assertThat(numMembers).as("seed %d: %s", seed, names).isEqualTo(24);
  }

  @Test
  void theSecondHalfOfASampleSaysThatItsKeyCameBefore() throws IOException {
    List<ReadRecord> records = read("0.png", "x", "1.png", "y", "0.txt", "zero", "1.txt", "one");
    for (ReadRecord picture : records.subList(0, 2)) {
      SourceReading.malformed(picture, RejectReason.MISSING_CONVERSATION);
    }
    for (ReadRecord text : records.subList(2, 4)) {
      assertThat(SourceReading.malformed(text, RejectReason.MALFORMED_RECORD).detail())
          .contains("came before in this archive");
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "\"image\": {\"width\": 1}", "\"images\": 3", "\"images\": [null, \"a.jpg\"]",
        "\"path\": 7", "\"image\": [[1]], \"images\": {}", "\"filepath\": true"
      })
  void fieldsNamedLikePicturesDoNotMatterBesideMembers(String field) throws IOException {
    SourceRecord record =
        SourceReading.parsed(
            read("0.jpg", "x", "0.txt", "caption", "0.json", "{" + field + "}").get(0));
    assertThat(record.images()).extracting(SourceImage::name).containsExactly("0.jpg");
  }

  private static byte[] concatenated(byte[]... parts) {
    ByteArrayOutputStream all = new ByteArrayOutputStream();
    for (byte[] part : parts) {
      all.writeBytes(part);
    }
    return all.toByteArray();
  }

  private static byte[] gzipped(byte[] content) throws IOException {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    try (GZIPOutputStream gzip = new GZIPOutputStream(bytes)) {
      gzip.write(content);
    }
    return bytes.toByteArray();
  }

  /** Ends with just two records of zeros, as many writers do. */
  private static byte[] unpadded(byte[] archive, int contentRecords) {
    return Arrays.copyOf(archive, (contentRecords + 2) * 512);
  }

  @Test
  void archivesThatWerePutTogetherAreAllRead() throws IOException {
    byte[] one = TarFiles.archive("0.jpg", "x", "0.txt", "zero");
    byte[] two = TarFiles.archive("1.jpg", "x", "1.txt", "one", "2.jpg", "x", "2.txt", "two");
    byte[] empty = TarFiles.archive();
    byte[] zeros = new byte[512 * 7];
    List<byte[]> files =
        List.of(
            concatenated(one, two),
            concatenated(unpadded(one, 4), two),
            concatenated(empty, one, zeros, empty, unpadded(two, 8)),
            concatenated(Arrays.copyOf(one, 5 * 512), two),
            gzipped(concatenated(one, two)),
            concatenated(gzipped(one), gzipped(two)));
    for (int i = 0; i < files.size(); i++) {
      assertThat(SourceReading.parsedIds(read(files.get(i))))
          .as("file %d", i)
          .containsExactly("0", "1", "2");
    }
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 511, 512, 1024, 5000})
  void whatIsNoArchiveBehindTheEndMarkIsNotPassedOver(int length) throws IOException {
    byte[] archive = TarFiles.archive("0.jpg", "x", "0.txt", "zero");
    byte[] garbage = new byte[length];
    new Random(length).nextBytes(garbage);
    garbage[0] = 'x';
    List<ReadRecord> records = read(concatenated(archive, garbage));
    assertThat(SourceReading.parsedIds(records)).containsExactly("0");
    SourceReading.malformed(records.get(1), RejectReason.UNREADABLE_FILE);
  }

  @Test
  void linksAreRefusedForTheyHoldNothing() throws IOException {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    try (TarArchiveOutputStream tar = new TarArchiveOutputStream(bytes, "UTF-8")) {
      for (byte kind : new byte[] {TarConstants.LF_LINK, TarConstants.LF_SYMLINK}) {
        TarArchiveEntry link = new TarArchiveEntry(kind + ".jpg", kind);
        link.setLinkName("elsewhere.jpg");
        tar.putArchiveEntry(link);
        tar.closeArchiveEntry();
        TarArchiveEntry text = new TarArchiveEntry(kind + ".txt");
        text.setSize(1);
        tar.putArchiveEntry(text);
        tar.write('c');
        tar.closeArchiveEntry();
      }
    }
    List<ReadRecord> records = read(bytes.toByteArray());
    assertThat(records).hasSize(2);
    for (ReadRecord record : records) {
      assertThat(SourceReading.malformed(record, RejectReason.MALFORMED_RECORD).detail())
          .contains("a link to elsewhere.jpg");
    }
  }

  /** Gives a content that is made while it is read, and remembers how much was wanted at once. */
  private static final class LargeStream extends InputStream {
    private long left;
    private int mostAtOnce;

    LargeStream(long length) {
      this.left = length;
    }

    @Override
    public int read() {
      return left-- > 0 ? 1 : -1;
    }

    @Override
    public int read(byte[] buffer, int offset, int length) {
      mostAtOnce = Math.max(mostAtOnce, length);
      int count = (int) Math.min(left, length);
      left -= count;
      return count == 0 && length > 0 ? -1 : count;
    }
  }

  private static byte[] header(String name, long length) {
    TarArchiveEntry entry = new TarArchiveEntry(name);
    entry.setSize(length);
    byte[] header = new byte[512];
    entry.writeEntryHeader(header);
    return header;
  }

  @ParameterizedTest
  @CsvSource({"jpg, IMAGE_FILE_TOO_LARGE", "txt, TEXT_TOO_LONG", "json, TEXT_TOO_LONG"})
  void aMemberBeyondTheLimitIsSkippedWithoutBeingHeld(String suffix, RejectReason reason)
      throws IOException {
    long length = 300L << 20;
    LargeStream large = new LargeStream(length);
    InputStream file =
        new SequenceInputStream(
            Collections.enumeration(
                List.of(
                    new ByteArrayInputStream(header("a." + suffix, length)),
                    large,
                    new ByteArrayInputStream(TarFiles.archive("b.jpg", "x", "b.txt", "c")))));
    SourceOptions options = SourceReading.OPTIONS.withMaxImageBytes(1 << 20);
    try (TarSamples samples = new TarSamples(file, options)) {
      ReadRecord.Malformed refused =
          SourceReading.malformed(samples.next().orElseThrow().toRecord(0), reason);
      assertThat(refused.detail()).contains(String.format(Locale.ROOT, "%d bytes", length));
      SourceReading.parsed(samples.next().orElseThrow().toRecord(1));
      assertThat(samples.next()).isEqualTo(Optional.empty());
    }
    assertThat(large.mostAtOnce).isLessThanOrEqualTo(1 << 16);
  }

  @Test
  void theMembersOfASampleTogetherHaveALimit() throws IOException {
    List<Object> members = new ArrayList<>();
    for (int i = 0; i < 9; i++) {
      members.add("a." + i + ".jpg");
      members.add(new byte[1000]);
    }
    members.addAll(List.of("a.txt", "c", "b.jpg", "x", "b.txt", "c"));
    Path path = TarFiles.write(folder.resolve("t.tar"), members.toArray());
    List<ReadRecord> records =
        SourceReading.readAll(path, SourceReading.OPTIONS.withMaxImageBytes(1000));
    assertThat(SourceReading.malformed(records.get(0), RejectReason.IMAGE_FILE_TOO_LARGE).detail())
        .contains("8 times maxImageBytes");
    assertThat(SourceReading.parsedIds(records)).containsExactly("b");
  }

  @Test
  void aCutInsideASkippedMemberIsNoticed() throws IOException {
    byte[] whole = TarFiles.archive("a.jpg", new byte[5000], "a.txt", "c");
    Path path = Files.write(folder.resolve("t.tar"), Arrays.copyOf(whole, 3000));
    List<ReadRecord> records =
        SourceReading.readAll(path, SourceReading.OPTIONS.withMaxImageBytes(1000));
    SourceReading.malformed(records.get(records.size() - 1), RejectReason.UNREADABLE_FILE);
    assertThat(SourceReading.parsedIds(records)).isEmpty();
  }

  @Test
  void textOnlyArchivesAreReadWhereTheyAreAskedFor() throws IOException {
    String turns =
        "{\"conversations\": [{\"from\": \"human\", \"value\": \"q\"},"
            + " {\"from\": \"gpt\", \"value\": \"a\"}]}";
    Path path =
        TarFiles.write(
            folder.resolve("t.tar"),
            "0.json",
            turns.getBytes(StandardCharsets.UTF_8),
            "1.json",
            turns,
            "0.json",
            turns);
    List<ReadRecord> records = SourceReading.readAll(path, SourceReading.TEXT_ONLY);
    assertThat(SourceReading.parsedIds(records)).containsExactly("0", "1");
    SourceReading.malformed(records.get(2), RejectReason.MALFORMED_RECORD);
    assertThat(SourceReading.readAll(path, new SourceOptions("Say.", Map.of())))
        .hasSize(3)
        .noneMatch(ReadRecord.Parsed.class::isInstance);
  }
}

package io.tokenflex.jobs.evaluate;

import io.tokenflex.benchmark.BenchmarkRow;
import io.tokenflex.benchmark.BenchmarkTable;
import io.tokenflex.benchmark.PromptPart;
import io.tokenflex.benchmark.PromptStyle;
import io.tokenflex.benchmark.Prompts;
import io.tokenflex.digest.Digests;
import io.tokenflex.failure.InvalidInputException;
import io.tokenflex.generate.Prompt;
import io.tokenflex.image.ImageDecodeException;
import io.tokenflex.image.ImageDecoder;
import io.tokenflex.image.RgbImage;
import io.tokenflex.jobs.answers.PromptRow;
import io.tokenflex.jobs.answers.RowSource;
import io.tokenflex.samples.EncodedImage;
import io.tokenflex.samples.Role;
import io.tokenflex.samples.Sample;
import io.tokenflex.samples.Turn;
import java.io.Serializable;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.apache.hadoop.conf.Configuration;
import org.apache.spark.api.java.JavaSparkContext;
import org.apache.spark.broadcast.Broadcast;

/**
 * The questions of a benchmark's table, which the driver holds and sends to the executors that ask
 * them.
 */
final class BenchmarkRows implements RowSource {
  /** Rows that are lost if an executor is. */
  private static final int GROUP_ROWS = 64;

  /** Guards the memory of executors. */
  private static final long MAX_PIXELS = 1L << 28;

  private final JavaSparkContext context;
  private final BenchmarkTable table;
  private final PromptStyle style;
  private final String fingerprint;
  private final Set<String> pictures = new HashSet<>();

  /** A row as it is sent: its question, and its pictures in the order of their marks. */
  private record Sent(String index, String question, List<byte[]> pictures, String problem)
      implements Serializable {}

  BenchmarkRows(JavaSparkContext context, BenchmarkTable table, PromptStyle style) {
    this.context = context;
    this.table = table;
    this.style = style;
    MessageDigest digest = Digests.sha256();
    for (BenchmarkRow row : table.rows()) {
      Sent sent = sent(row);
      digest.update(
          (sent.index() + "\n" + sent.question() + "\n" + sent.problem() + "\n")
              .getBytes(StandardCharsets.UTF_8));
      sent.pictures().forEach(digest::update);
      sent.pictures().forEach(picture -> pictures.add(Digests.sha256Hex(picture)));
    }
    this.fingerprint = table.benchmark().name() + " by " + GROUP_ROWS + ", " + Digests.hex(digest);
  }

  @Override
  public String fingerprint() {
    return fingerprint;
  }

  @Override
  public int numGroups() {
    return (table.rows().size() + GROUP_ROWS - 1) / GROUP_ROWS;
  }

  /** Digests of the files of all pictures. */
  Set<String> pictures() {
    return Collections.unmodifiableSet(pictures);
  }

  /** What the first row asks, with marks where its pictures stand: for people to look at. */
  String firstQuestion() {
    return sent(table.rows().get(0)).question();
  }

  @Override
  public Reader reader(Set<Integer> groups) {
    Map<Integer, Broadcast<ArrayList<Sent>>> sent = new HashMap<>();
    for (int group : groups) {
      ArrayList<Sent> rows = new ArrayList<>();
      int end = Math.min((group + 1) * GROUP_ROWS, table.rows().size());
      for (BenchmarkRow row : table.rows().subList(group * GROUP_ROWS, end)) {
        rows.add(sent(row));
      }
      sent.put(group, context.broadcast(rows));
    }
    return new SentRows(new HashMap<>(sent));
  }

  /** The rows of some groups, on the executors. */
  private record SentRows(Map<Integer, Broadcast<ArrayList<Sent>>> groups) implements Reader, Rows {
    @Override
    public Rows open(Configuration hadoop) {
      return this;
    }

    @Override
    public List<PromptRow> read(int group) {
      return groups.get(group).value().stream().map(BenchmarkRows::promptRow).toList();
    }

    @Override
    public void close() {}
  }

  private Sent sent(BenchmarkRow row) {
    List<byte[]> all;
    List<PromptPart> parts;
    try {
      all = table.pictures().pictures(row.index());
      parts = Prompts.of(table.benchmark(), style, row.row(), all.size());
    } catch (InvalidInputException e) {
      return new Sent(row.index(), "", List.of(), e.getMessage());
    }
    StringBuilder question = new StringBuilder();
    List<byte[]> shown = new ArrayList<>();
    for (PromptPart part : parts) {
      if (part instanceof PromptPart.Picture picture) {
        boolean isBeforeText = question.toString().replace(mark(), "").isEmpty();
        question.append(isBeforeText ? mark() : Sample.IMAGE_MARK);
        shown.add(all.get(picture.number()));
      } else if (part instanceof PromptPart.Text text) {
        // The words of a table are no marks.
        question.append(text.text().replace(Sample.IMAGE_MARK, "< image >"));
      }
    }
    return new Sent(row.index(), question.toString(), shown, "");
  }

  /** A picture before the question stands on a line of its own, as in training data. */
  private static String mark() {
    return Sample.IMAGE_MARK + "\n";
  }

  private static PromptRow promptRow(Sent sent) {
    if (!sent.problem().isEmpty()) {
      return PromptRow.broken(sent.index(), Map.of(), sent.problem());
    }
    ImageDecoder decoder = new ImageDecoder(MAX_PIXELS);
    List<EncodedImage> images = new ArrayList<>();
    try {
      for (byte[] picture : sent.pictures()) {
        RgbImage decoded = decoder.decode(picture);
        images.add(
            new EncodedImage(
                picture, decoded.width(), decoded.height(), Digests.sha256Hex(picture)));
      }
    } catch (ImageDecodeException e) {
      return PromptRow.broken(
          sent.index(), Map.of(), "picture " + (images.size() + 1) + ": " + e.getMessage());
    }
    return PromptRow.of(
        sent.index(), Map.of(), new Prompt(List.of(new Turn(Role.USER, sent.question())), images));
  }
}

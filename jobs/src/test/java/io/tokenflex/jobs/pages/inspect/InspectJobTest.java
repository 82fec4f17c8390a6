package io.tokenflex.jobs.pages.inspect;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.tokenflex.dataprep.dataset.DatasetFolder;
import io.tokenflex.dataprep.dataset.Manifest;
import io.tokenflex.dataprep.prepare.DatasetPreparation;
import io.tokenflex.dataprep.prepare.PrepareConfig;
import io.tokenflex.jobs.testing.SmallPreparation;
import io.tokenflex.jobs.testing.SparkForTests;
import java.awt.Color;
import java.awt.GradientPaint;
import java.awt.Graphics2D;
import java.awt.image.BufferedImage;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import javax.imageio.ImageIO;
import org.apache.hadoop.conf.Configuration;
import org.apache.spark.sql.SparkSession;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class InspectJobTest {
  private static final ObjectMapper JSON = new ObjectMapper();

  @TempDir Path folder;
  private final StringBuilder records = new StringBuilder();
  private SparkSession spark;

  @BeforeEach
  void open() throws IOException {
    spark = SparkForTests.session();
    Files.createDirectories(folder.resolve("images"));
  }

  private void addSample(String id, String image, String... turns) {
    ObjectNode record = JSON.createObjectNode().put("id", id);
    if (!image.isEmpty()) {
      record.put("image", image);
    }
    ArrayNode conversation = record.putArray("conversations");
    for (int i = 0; i < turns.length; i++) {
      conversation.addObject().put("from", i % 2 == 0 ? "human" : "gpt").put("value", turns[i]);
    }
    records.append(record).append('\n');
  }

  private String picture(int number, int width, int height) throws IOException {
    BufferedImage image = new BufferedImage(width, height, BufferedImage.TYPE_INT_RGB);
    Graphics2D graphics = image.createGraphics();
    Color from = Color.getHSBColor(number * 0.137f, 0.7f, 0.9f);
    Color to = Color.getHSBColor(number * 0.137f + 0.3f, 0.8f, 0.4f);
    graphics.setPaint(new GradientPaint(0, 0, from, width, height, to));
    graphics.fillRect(0, 0, width, height);
    graphics.dispose();
    String name = String.format(Locale.ROOT, "picture-%03d.png", number);
    ImageIO.write(image, "png", folder.resolve("images").resolve(name).toFile());
    return name;
  }

  private void addUsualSamples(int count) throws IOException {
    for (int i = 0; i < count; i++) {
      String picture = picture(i, 200 + 37 * (i % 11), 150 + 23 * (i % 13));
      String question =
          String.format(Locale.ROOT, "<image>\nWhat is <b>shown</b> in picture %d?", i);
      addSample("usual-" + i, picture, question, "A gradient. ".repeat(1 + i * i % 40));
    }
  }

  private Manifest prepare() throws IOException {
    Files.writeString(folder.resolve("input.jsonl"), records);
    PrepareConfig config =
        SmallPreparation.of(
            folder.resolve("input.jsonl"), folder.resolve("images"), dataset(), 16, 100_000);
    return DatasetPreparation.prepare(spark, config).manifest();
  }

  private String dataset() {
    return folder.resolve("dataset").toUri().toString();
  }

  private Inspection inspect() throws IOException {
    return InspectJob.run(spark, dataset(), Optional.empty(), TokenCounting.builtIn());
  }

  @Test
  void aDatasetIsToldFromItsCountsToItsSamples() throws IOException {
    addUsualSamples(60);
    addSample("gone", "no-such-file.png", "<image>What?", "That.");
    addSample("no answer", "", "What?");
    prepare();
    addSample("later", picture(99, 3000, 40), "<image>Wide?", "Very.");
    prepare();

    Inspection inspection = inspect();
    String text = String.join("\n", inspection.toLines());
    String page = inspection.toHtml();
    // kept for people: open it in a browser
    Files.writeString(Path.of("target", "inspect-fixture.html"), page);

    assertThat(text)
        .contains("61 samples, 61 images", "image missing", "input.jsonl, record 60, id 'gone'")
        .contains("tokens per sample at 144 vision tokens", "built-in byte-level tokenizer");
    assertThat(inspection.rejects()).containsEntry("IMAGE_MISSING", 2L);
    assertThat(inspection.cards()).hasSize(24);
    assertThat(page)
        .contains("data:image/png;base64,", "What is &lt;b&gt;shown&lt;/b&gt; in picture")
        .contains("image missing", "no-such-file.png", "256 vision tokens")
        .doesNotContain("http://", "https://", "<script", "@import", "url(", "<b>shown");
  }

  @Test
  void lengthsGrowByTheVisionTokensOfEveryImage() throws IOException {
    addUsualSamples(3);
    addSample("text", "", "Only words?", "Only words.");
    prepare();
    DatasetStatistics statistics = inspect().statistics();
    assertThat(statistics.imagesPerSample.min()).isZero();
    assertThat(statistics.sequenceLength(2).sum() - statistics.sequenceLength(0).sum())
        .isEqualTo(3 * (256 - 64));
    assertThat(statistics.faults().bad()).isZero();
  }

  @Test
  void noImageBytesAreReadForTheStatistics() throws IOException {
    addUsualSamples(3);
    Manifest manifest = prepare();
    spark.conf().set("spark.sql.maxMetadataStringLength", 1000); // the plan is read below
    DatasetFolder folderOfDataset = DatasetFolder.at(dataset(), new Configuration());
    String plan =
        InspectJob.columns(spark, folderOfDataset, manifest)
            .queryExecution()
            .executedPlan()
            .toString();
    String read = plan.substring(plan.indexOf("ReadSchema"));
    assertThat(read).contains("width", "height", "text").doesNotContain("bytes", "sha256");
  }

  @Test
  void hugeAndBrokenTextsAreCutAndMended() throws IOException {
    addSample("huge", "", "Why? " + "very long ".repeat(100_000), "So \u0007 it \ud83d\ude00 is.");
    addSample("fine", "", "Emoji \ud83d\ude00?", "</main><h1>Yes</h1>");
    prepare();
    Inspection inspection = inspect();
    String page = inspection.toHtml();
    assertThat(page.length()).isLessThan(200_000);
    assertThat(page).contains("&lt;/main&gt;").doesNotContain("\u0007", "<h1>Yes");
    assertThat(String.join("\n", inspection.toLines())).doesNotContain("\u0007");
  }

  @Test
  void aVersionWithoutSamplesHasAPage() throws IOException {
    addSample("only", "", "What?", "That.");
    Manifest first = prepare();
    DatasetFolder.at(dataset(), new Configuration())
        .publish(
            new Manifest(
                first.formatVersion(),
                2,
                0,
                first.createdAt(),
                0,
                0,
                0,
                16,
                List.of(),
                new Manifest.Run("data/00002-none", 0, 0, 0, Map.of()),
                List.of(),
                7,
                first.dedup(),
                "",
                null));
    Inspection inspection = inspect();
    assertThat(inspection.toHtml()).contains("This version holds no sample.");
    assertThat(inspection.toLines()).contains("0 samples, 0 images, 0 shards, 0.0 MB");
  }

  @Test
  void aLostShardIsNamedWithTheCommandThatTellsMore() throws IOException {
    addUsualSamples(3);
    Manifest manifest = prepare();
    Files.delete(folder.resolve("dataset").resolve(manifest.shards().get(0).file()));
    assertThatThrownBy(this::inspect)
        .isInstanceOf(InspectJob.LostShardException.class)
        .hasMessageContaining("shard-00000.parquet is lost; './tokenflex verify ");
  }

  @Test
  void aFolderThatIsNoDatasetIsRefused() {
    assertThatThrownBy(this::inspect)
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("holds no published version");
  }

  @Test
  void samplesAreSpreadEvenlyAndChosenByTheSeed() throws IOException {
    addUsualSamples(50);
    prepare();
    List<Long> rows = inspect().cards().stream().map(SampleCard::row).toList();
    assertThat(rows).hasSize(24).doesNotHaveDuplicates().isSorted();
    assertThat(rows.get(0)).isLessThan(3);
    assertThat(rows.get(23)).isGreaterThan(46);
    assertThat(inspect().cards().stream().map(SampleCard::row).toList()).isEqualTo(rows);
  }
}

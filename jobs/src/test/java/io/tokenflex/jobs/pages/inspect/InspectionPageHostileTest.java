package io.tokenflex.jobs.pages.inspect;

import io.tokenflex.dataprep.dataset.Manifest;
import io.tokenflex.dataprep.dedup.DedupConfig;
import io.tokenflex.dataprep.dedup.DedupConfig.Scope;
import io.tokenflex.jobs.pages.html.HostileTexts;
import io.tokenflex.jobs.pages.html.Page;
import io.tokenflex.jobs.pages.html.PageAssertions;
import java.io.IOException;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class InspectionPageHostileTest {
  private static final String TEXT = HostileTexts.TEXT;

  /** A dataset that nobody could have prepared: all of its texts are hostile. */
  private static Inspection hostile() throws IOException {
    Manifest manifest =
        new Manifest(
            1,
            2,
            1,
            TEXT,
            12_345,
            23_456,
            34_567_890,
            64,
            List.of(
                new Manifest.Shard(
                    TEXT + "/" + TEXT, 12_345, 193, 23_456, 34_567_890, TEXT, List.of())),
            new Manifest.Run(TEXT, 12_350, 12_345, 0, Map.of(TEXT, 5L)),
            List.of(new Manifest.InputIdentity(TEXT, 9_876_543, 0, TEXT, null)),
            7,
            new DedupConfig(false, DedupConfig.NO_NEAR_SEARCH, Scope.SAMPLE),
            TEXT,
            null);
    DatasetStatistics statistics = new DatasetStatistics(List.of(64, 256));
    for (int i = 0; i < 50; i++) {
      statistics.width.add(100 + 1000 * i);
      statistics.height.add(100 + i);
      statistics.aspectRatio.add(1000 + 100 * i);
      statistics.imagesPerSample.add(i % 3);
      statistics.turns.add(2);
      statistics.textChars.add(i * (long) i);
      statistics.sequenceLength(0).add(1000 + i);
      statistics.sequenceLength(1).add(1192 + i);
    }
    statistics.faults().addBad(TEXT, TEXT);
    TokenCounting builtIn = TokenCounting.builtIn();
    return new Inspection(
        TEXT,
        manifest,
        List.of(manifest),
        Map.of(TEXT, 12_345L),
        Map.of(TEXT, HostileTexts.fill(RejectExamples.class)),
        statistics,
        new TokenCounting(TEXT, builtIn.limits(), List.of(64, 256)),
        HostileTexts.fill(Cards.class).cards());
  }

  private record Cards(List<SampleCard> cards) {}

  @Test
  void whateverTheTextsOfADatasetSayThePageStaysWellFormed() throws IOException {
    PageAssertions.showsHostileTextsAsTexts(hostile().toHtml());
  }

  /** Every text of the template, those that no user writes too. */
  @Test
  void noTextOfTheViewIsTakenForMarkup() {
    InspectionView view = HostileTexts.fill(InspectionView.class);
    PageAssertions.showsHostileTextsAsTexts(
        Page.render(InspectionPage.class, "inspect.ftlh", view));
  }

  @Test
  void thePageIsTheSameUnderAnotherLocale() throws IOException {
    Inspection inspection = hostile();
    PageAssertions.isTheSameUnderAnotherLocale(inspection::toHtml);
  }
}

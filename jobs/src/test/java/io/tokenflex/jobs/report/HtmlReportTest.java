package io.tokenflex.jobs.report;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;

class HtmlReportTest {
  @Test
  void aCompleteRunShowsEveryPart() throws IOException {
    String html = new HtmlReport(ReportFixtures.complete()).render();
    // kept for people: open it in a browser
    Path page = Path.of("target", "report-fixture.html");
    Files.writeString(page, html);

    assertThat(html)
        .contains("accuracy, 256 tokens", "image-truncated", "5f70bf18", "(empty)")
        .contains("Training never drew 100 tokens")
        .contains("3 of 19203 samples drawn could not be trained on and were skipped.")
        .contains("What colour is the &lt;square&gt;?")
        .doesNotContain("class=\"missing\"");
  }

  @Test
  void thePageNamesTheEvaluatedCheckpointAndSaysWhenItIsNotTheNewest() throws IOException {
    assertThat(new HtmlReport(ReportFixtures.complete()).render())
        .contains("quickstart-run/checkpoints/step-000600</b>, in fp32")
        .doesNotContain("not the newest checkpoint");
    assertThat(new HtmlReport(ReportFixtures.complete("step-000700")).render())
        .contains("quickstart-run/checkpoints/step-000600</b>")
        .contains("This is not the newest checkpoint: that is step-000700.");
  }

  @Test
  void thePageNeedsNoNetwork() throws IOException {
    assertThat(new HtmlReport(ReportFixtures.complete()).render())
        .doesNotContain("http://", "https://", "<script", "@import", "url(");
  }

  @Test
  void anEmptyRunNamesTheCommandsThatFillIt() {
    assertThat(new HtmlReport(ReportFixtures.empty()).render())
        .contains("./tokenflex train --conf FILE")
        .contains("./tokenflex evaluate --conf FILE")
        .contains("./tokenflex prepare --conf FILE");
  }
}

package io.tokenflex.jobs.pages.report;

import static org.assertj.core.api.Assertions.assertThat;

import io.tokenflex.jobs.pages.html.HostileTexts;
import io.tokenflex.jobs.pages.html.Page;
import io.tokenflex.jobs.pages.html.PageAssertions;
import java.io.IOException;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

class ReportPageHostileTest {
  @Test
  void whateverTheTextsOfARunSayThePageStaysWellFormed() {
    String page = new ReportPage(HostileTexts.fill(ReportData.class)).render();

    PageAssertions.showsHostileTextsAsTexts(page);
    assertThat(page).doesNotContain("class=\"missing\"");
  }

  /** Every text of the template, those that no user writes too. */
  @Test
  void noTextOfTheViewIsTakenForMarkup() {
    ReportView view = HostileTexts.fill(ReportView.class);
    PageAssertions.showsHostileTextsAsTexts(Page.render(ReportPage.class, "report.ftlh", view));
  }

  @Test
  void usualAndEmptyRunsAreWellFormedToo() throws IOException {
    Stream.of(ReportFixtures.complete(), ReportFixtures.empty())
        .forEach(data -> PageAssertions.parse(new ReportPage(data).render()));
  }

  @Test
  void thePageIsTheSameUnderAnotherLocale() throws IOException {
    ReportData data = ReportFixtures.complete();
    PageAssertions.isTheSameUnderAnotherLocale(() -> new ReportPage(data).render());
    ReportData hostile = HostileTexts.fill(ReportData.class);
    PageAssertions.isTheSameUnderAnotherLocale(() -> new ReportPage(hostile).render());
  }
}

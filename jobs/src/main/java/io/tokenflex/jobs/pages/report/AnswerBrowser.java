package io.tokenflex.jobs.pages.report;

import io.tokenflex.jobs.pages.html.HumanText;
import io.tokenflex.jobs.pages.report.ReportData.Answer;
import io.tokenflex.jobs.pages.report.ReportData.Asked;
import io.tokenflex.jobs.pages.report.ReportView.Browsed;
import io.tokenflex.jobs.pages.report.ReportView.Browser;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.TreeSet;

/**
 * Questions with their answers at every count, to be filtered on the page by what is right and what
 * is wrong: without scripts, by rules of CSS that follow the boxes that are ticked.
 */
final class AnswerBrowser {
  /** A page with more is slow to open. */
  static final int MAX_SHOWN = 400;

  private static final int MAX_CHARS = 600;

  private AnswerBrowser() {}

  /** Those first whose answers differ between counts; empty if nothing was asked. */
  static List<Browser> of(List<Asked> asked) {
    if (asked.isEmpty()) {
      return List.of();
    }
    Set<Integer> counts = new TreeSet<>();
    asked.forEach(
        question -> question.answers().forEach(answer -> counts.add(answer.numVisionTokens())));
    List<Asked> shown = new ArrayList<>(asked);
    shown.sort((a, b) -> Boolean.compare(b.tokensMatter(), a.tokensMatter()));
    List<Browsed> rows = shown.stream().limit(MAX_SHOWN).map(AnswerBrowser::browsed).toList();
    return List.of(
        new Browser(
            HumanText.grouped(asked.size()),
            HumanText.grouped(rows.size()),
            counts.stream().map(String::valueOf).toList(),
            rows));
  }

  private static Browsed browsed(Asked asked) {
    StringBuilder classes = new StringBuilder();
    List<ReportView.Answer> answers = new ArrayList<>();
    for (Answer answer : asked.answers()) {
      String state = answer.correct() ? "right" : "wrong";
      classes.append(' ').append(state).append(answer.numVisionTokens());
      answers.add(
          new ReportView.Answer(
              String.format(Locale.ROOT, "%d tokens", answer.numVisionTokens()),
              answer.text().isBlank() ? "(empty)" : HumanText.readable(answer.text(), MAX_CHARS),
              answer.correct()));
    }
    return new Browsed(
        classes.toString().strip(),
        Headline.inWords(asked.kind()),
        HumanText.readable(asked.question(), MAX_CHARS),
        HumanText.readable(asked.expected(), MAX_CHARS),
        answers);
  }
}

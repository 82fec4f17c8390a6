package io.tokenflex.jobs.pages.report;

import io.tokenflex.jobs.evaluate.EvaluationSummary;
import io.tokenflex.jobs.evaluate.EvaluationSummary.CountResult;
import io.tokenflex.jobs.evaluate.EvaluationSummary.KindResult;
import io.tokenflex.jobs.pages.html.HumanText;
import io.tokenflex.jobs.pages.report.ReportData.FixedModel;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;

/** What an evaluation says about token counts, in sentences. */
final class Headline {
  /** Differences that are smaller than this many standard errors may be luck. */
  private static final double STANDARD_ERRORS = 2;

  /** A smaller ratio of times is not worth a word. */
  private static final double MIN_SPEEDUP = 1.1;

  private final EvaluationSummary summary;
  private final CountResult smallest;
  private final CountResult largest;

  private Headline(EvaluationSummary summary, List<CountResult> compared) {
    this.summary = summary;
    this.smallest = compared.get(0);
    this.largest = compared.get(compared.size() - 1);
  }

  /**
   * Accuracy of some questions at the smallest and the largest token count.
   *
   * @param name of the questions
   */
  record Compared(String name, int numQuestions, double smallest, double largest) {
    double gain() {
      return largest - smallest;
    }

    /** Whether the difference is more than chance would make of so few questions. */
    boolean isClear() {
      return Math.abs(gain()) > STANDARD_ERRORS * Math.sqrt(variance(smallest) + variance(largest));
    }

    // Of a proportion, with one success and one failure added: none is certain.
    private double variance(double accuracy) {
      double likely = (accuracy * numQuestions + 1) / (numQuestions + 2);
      return likely * (1 - likely) / (numQuestions + 2);
    }
  }

  /**
   * Sentences on a model and on the one beside it; none if there is no answer to speak of.
   *
   * @param trained token counts of the model: others are not compared, unless none is known
   */
  static List<String> of(
      EvaluationSummary summary, Set<Integer> trained, Optional<FixedModel> fixed) {
    List<CountResult> compared =
        summary.counts().stream().filter(c -> trained.contains(c.numVisionTokens())).toList();
    if (compared.isEmpty()) {
      compared = summary.counts();
    }
    if (compared.isEmpty()) {
      return List.of();
    }
    Headline headline = new Headline(summary, compared);
    List<String> sentences = new ArrayList<>();
    Compared told = headline.mostTelling();
    sentences.add(headline.sentence(told));
    fixed.flatMap(model -> headline.besideFixed(model, told)).ifPresent(sentences::add);
    return sentences;
  }

  /** The kind that gains or loses most by tokens, if that is clear; else all questions. */
  private Compared mostTelling() {
    Compared all =
        new Compared("all", summary.numQuestions(), smallest.accuracy(), largest.accuracy());
    return kinds(summary).stream()
        .map(this::compared)
        .filter(Compared::isClear)
        .max(Comparator.comparingDouble(kind -> Math.abs(kind.gain())))
        .orElse(all);
  }

  private Compared compared(KindResult kind) {
    return new Compared(
        inWords(kind.kind()),
        kind.numQuestions(),
        kind.accuracy().get(summary.counts().indexOf(smallest)),
        kind.accuracy().get(summary.counts().indexOf(largest)));
  }

  private static List<KindResult> kinds(EvaluationSummary summary) {
    return summary.kinds().stream()
        .filter(kind -> kind.detail().isEmpty() && !kind.kind().isEmpty())
        .toList();
  }

  private String sentence(Compared told) {
    int many = largest.numVisionTokens();
    int few = smallest.numVisionTokens();
    if (many == few) {
      return text(
          "With %d tokens %s of all answers are right.",
          many, HumanText.wholePercent(largest.accuracy()));
    }
    String lead =
        told.isClear()
            ? told.gain() > 0 ? "With" : "More tokens make it worse here: with"
            : "More tokens do not help here: with";
    return text(
        "%s %d tokens %s of %s answers are right, with %d tokens %s%s.",
        lead,
        many,
        HumanText.wholePercent(told.largest()),
        told.name(),
        few,
        HumanText.wholePercent(told.smallest()),
        speed(few));
  }

  private String speed(int few) {
    if (smallest.secondsPerAnswer() <= 0 || largest.secondsPerAnswer() <= 0) {
      return "";
    }
    double ratio = largest.secondsPerAnswer() / smallest.secondsPerAnswer();
    return ratio < MIN_SPEEDUP
        ? text("; %d tokens answer no faster", few)
        : text("; %d tokens answer %.1f times as fast", few, ratio);
  }

  /** The same questions asked of the other model, at the same two counts. */
  private Optional<String> besideFixed(FixedModel fixed, Compared told) {
    EvaluationSummary other = fixed.evaluation();
    int few = indexOf(other, smallest.numVisionTokens());
    int many = indexOf(other, largest.numVisionTokens());
    if (few < 0 || many < 0 || few == many) {
      return Optional.empty();
    }
    Optional<KindResult> kind =
        kinds(other).stream().filter(one -> inWords(one.kind()).equals(told.name())).findFirst();
    boolean ofAll = told.name().equals("all");
    if (!ofAll && kind.isEmpty()) {
      return Optional.empty();
    }
    double atFew = ofAll ? other.counts().get(few).accuracy() : kind.get().accuracy().get(few);
    double atMany = ofAll ? other.counts().get(many).accuracy() : kind.get().accuracy().get(many);
    return Optional.of(
        text(
            "The model %s: %s with %d tokens, %s with %d.",
            nameOf(fixed),
            HumanText.wholePercent(atMany),
            largest.numVisionTokens(),
            HumanText.wholePercent(atFew),
            smallest.numVisionTokens()));
  }

  private static int indexOf(EvaluationSummary summary, int count) {
    return summary.counts().stream().map(CountResult::numVisionTokens).toList().indexOf(count);
  }

  /** What tells the other model from the flexible one. */
  static String nameOf(FixedModel fixed) {
    if (fixed.trained().isEmpty()) {
      return "with a fixed count";
    }
    return "trained with "
        + String.join(", ", fixed.trained().stream().sorted().map(String::valueOf).toList())
        + " tokens only";
  }

  static String inWords(String kind) {
    return kind.replace('-', ' ').replace('_', ' ');
  }

  private static String text(String format, Object... values) {
    return String.format(Locale.ROOT, format, values);
  }
}

package io.tokenflex.adaptive;

import io.tokenflex.failure.InvalidInputException;
import io.tokenflex.generate.Answer;
import io.tokenflex.generate.Answer.Cost;
import io.tokenflex.generate.AnswerStream;
import io.tokenflex.generate.GenerationConfig;
import io.tokenflex.generate.Prompt;
import io.tokenflex.generate.TextGenerator;
import io.tokenflex.generate.TokenListener;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.stream.IntStream;

/**
 * Answers prompts at a number of vision tokens that a calibration chooses for each. In fp32 on a
 * CPU neither the number nor the answer depends on the other prompts of a batch.
 */
public final class AdaptiveGenerator {
  private final TextGenerator generator;
  private final Calibration calibration;

  /** The caller closes the generator. */
  public AdaptiveGenerator(TextGenerator generator, Calibration calibration) {
    this.generator = generator;
    this.calibration = calibration;
  }

  /**
   * Answers a batch; the {@link Answer#cost} of each tells the number and all that was tried.
   *
   * @throws IllegalArgumentException if a prompt cannot be asked at any number that was tried. One
   *     that is too long for the model at a higher number keeps its answer at a lower one.
   */
  public List<Answer> generate(List<Prompt> prompts, GenerationConfig config) {
    return calibration.method() == Calibration.Method.CASCADE
        ? cascade(prompts, config)
        : select(prompts, config);
  }

  private List<Answer> cascade(List<Prompt> prompts, GenerationConfig config) {
    Cascade cascade = calibration.cascade();
    Answer[] answers = new Answer[prompts.size()];
    int[] open = IntStream.range(0, answers.length).toArray();
    for (int level = 0; level < cascade.counts().size() && open.length > 0; level++) {
      int current = level;
      ask(prompts, open, cascade.counts().get(level), config, answers);
      open =
          Arrays.stream(open)
              .filter(i -> !isFinal(prompts.get(i), cascade, current, answers[i]))
              .toArray();
    }
    return List.of(answers);
  }

  private static boolean isFinal(Prompt prompt, Cascade cascade, int level, Answer answer) {
    boolean isRefused = answer.cost().numVisionTokens() != cascade.counts().get(level);
    double confidence = cascade.measure().of(answer.confidence());
    return prompt.images().isEmpty() || isRefused || cascade.accepts(level, confidence);
  }

  /** Answers some of the prompts anew; one that is refused keeps the answer that it has. */
  private void ask(
      List<Prompt> prompts, int[] some, int count, GenerationConfig config, Answer[] answers) {
    List<Prompt> asked = Arrays.stream(some).mapToObj(prompts::get).toList();
    List<Answer> anew;
    try {
      anew = generator.generate(asked, count, config, TokenListener.NONE);
    } catch (InvalidInputException e) {
      if (Arrays.stream(some).anyMatch(i -> answers[i] == null)) {
        throw e;
      }
      if (some.length > 1) {
        for (int i : some) {
          ask(prompts, new int[] {i}, count, config, answers);
        }
      }
      return;
    }
    for (int k = 0; k < some.length; k++) {
      int i = some[k];
      Optional<Cost> before = Optional.ofNullable(answers[i]).map(Answer::cost);
      Answer answer = anew.get(k);
      answers[i] =
          before.isEmpty()
              ? answer
              : answer.withCost(after(before.get(), answer.cost(), prompts.get(i)));
    }
  }

  private Cost after(Cost before, Cost cost, Prompt prompt) {
    return new Cost(
        cost.numVisionTokens(),
        before.visionTokensTried() + cost.visionTokensTried(),
        before.prefillFlops() + cost.prefillFlops() - generator.towerFlops(prompt));
  }

  private List<Answer> select(List<Prompt> prompts, GenerationConfig config) {
    SortedMap<Integer, List<Integer>> byCount = new TreeMap<>();
    for (int i = 0; i < prompts.size(); i++) {
      byCount.computeIfAbsent(select(prompts.get(i)), count -> new ArrayList<>()).add(i);
    }
    Answer[] answers = new Answer[prompts.size()];
    byCount.forEach(
        (count, some) ->
            ask(
                prompts,
                some.stream().mapToInt(Integer::intValue).toArray(),
                count,
                config,
                answers));
    return List.of(answers);
  }

  private int select(Prompt prompt) {
    return prompt.images().isEmpty()
        ? calibration.counts().get(0)
        : calibration.selector().choose(generator.pooledFeatures(prompt));
  }

  /**
   * A prompt that is about to be answered.
   *
   * @param numVisionTokens to answer it at
   * @param triedVisionTokens sum of the numbers that were tried and given up
   * @param ready the answer at that number, if it is there already
   */
  public record Started(int numVisionTokens, int triedVisionTokens, Optional<Answer> ready) {}

  /**
   * Chooses the number for one prompt, for an answer that is streamed. Answers at numbers below the
   * highest have to be complete before it is known whether they stand.
   */
  public Started start(Prompt prompt, GenerationConfig config) {
    Climb climb = climb(prompt, config);
    return new Started(
        climb.numVisionTokens(),
        climb.isReady()
            ? climb.last().orElseThrow().cost().visionTokensTried() - climb.numVisionTokens()
            : climb.last().map(answer -> answer.cost().visionTokensTried()).orElse(0),
        climb.isReady() ? climb.last() : Optional.empty());
  }

  /**
   * Answers one prompt in pieces: an answer at a number below the highest in one, since it has to
   * be complete before it is known whether it stands.
   *
   * @throws IllegalArgumentException if the prompt cannot be asked at any number that was tried
   */
  public AnswerStream stream(Prompt prompt, GenerationConfig config) {
    Climb climb = climb(prompt, config);
    if (climb.isReady()) {
      return AnswerStream.of(climb.last().orElseThrow());
    }
    try {
      AnswerStream stream = generator.stream(prompt, climb.numVisionTokens(), config);
      return climb.last().isEmpty()
          ? stream
          : stream.withCost(cost -> after(climb.last().get().cost(), cost, prompt));
    } catch (InvalidInputException e) { // too long at the highest number
      return AnswerStream.of(climb.last().orElseThrow(() -> e));
    }
  }

  /**
   * What is known of one prompt before its answer is streamed.
   *
   * @param last answer at a lower number, if one was tried
   * @param isReady whether that one stands
   */
  private record Climb(int numVisionTokens, Optional<Answer> last, boolean isReady) {}

  private Climb climb(Prompt prompt, GenerationConfig config) {
    if (calibration.method() == Calibration.Method.SELECTOR) {
      return new Climb(select(prompt), Optional.empty(), false);
    }
    Cascade cascade = calibration.cascade();
    Answer[] answer = {null};
    int highest = cascade.counts().size() - 1;
    for (int level = 0; level < highest; level++) {
      ask(List.of(prompt), new int[] {0}, cascade.counts().get(level), config, answer);
      if (isFinal(prompt, cascade, level, answer[0])) {
        return new Climb(answer[0].cost().numVisionTokens(), Optional.of(answer[0]), true);
      }
    }
    return new Climb(cascade.counts().get(highest), Optional.ofNullable(answer[0]), false);
  }
}

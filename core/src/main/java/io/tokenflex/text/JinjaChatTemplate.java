package io.tokenflex.text;

import static java.util.Objects.requireNonNull;

import io.tokenflex.failure.InvalidInputException;
import io.tokenflex.jinja.JinjaTemplate;
import io.tokenflex.samples.EncodedImage;
import io.tokenflex.samples.Role;
import io.tokenflex.samples.Sample;
import io.tokenflex.samples.Turn;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;

/**
 * The chat template of a published model. Token ids equal those of transformers' {@code
 * apply_chat_template}: the rendered text is tokenized as a whole.
 *
 * <p>Content: a template that loops over a message's content receives it as a list of parts, in
 * which each {@link Sample#IMAGE_MARK} is a part of type image, as in transformers. If the template
 * writes a special token of its own for an image, that token becomes the placeholder. If a trial
 * rendering fails, content is passed as text.
 *
 * <p>Reasoning: templates of reasoning models insert an empty {@code <think>} block before answers
 * without reasoning. It is found by a trial rendering and belongs to the prompt, so it is neither
 * supervised nor generated. Reasoning inside an answer is supervised.
 *
 * <p>Supervised span: an answer starts where the rendered prompt for it ends, in text and in
 * tokens, and ends with the first end-of-turn token; texts of samples must not contain one.
 * Training thus conditions on exactly the tokens of the prompt used in generation. If template or
 * tokenizer do not allow this boundary to be determined, the sample is rejected.
 */
public final class JinjaChatTemplate implements ChatTemplate {
  private static final List<Turn> PROBE =
      List.of(
          new Turn(Role.USER, "question"),
          new Turn(Role.ASSISTANT, "answer"),
          new Turn(Role.USER, "again"),
          new Turn(Role.ASSISTANT, "more"));

  private final Tokenizer tokenizer;
  private final JinjaTemplate template;
  private final Map<String, Object> variables = new HashMap<>();
  private final long imageId;
  private boolean takesParts;
  private String imageWord = Sample.IMAGE_MARK;
  private String block = "";
  private long endId;

  /**
   * Determines by trial renderings how the template takes content and which token ends an answer.
   *
   * @param tokenizer has the special token {@link Sample#IMAGE_MARK}
   * @throws IllegalArgumentException if the template cannot be rendered, does not end answers with
   *     a special token, or loops over content and omits text or images of a message
   */
  public JinjaChatTemplate(Tokenizer tokenizer, ChatTemplateText text) {
    this.tokenizer = requireNonNull(tokenizer, "tokenizer");
    this.template = new JinjaTemplate(text.name(), text.template());
    variables.putAll(text.specialTokens());
    variables.put("tools", null);
    variables.put("documents", null);
    this.imageId = tokenizer.specialTokenId(Sample.IMAGE_MARK);
    if (template.loopsOverContent()) {
      settleContent();
    } else {
      settle();
    }
  }

  private void settle() {
    block = findBlock();
    endId = findEnd();
  }

  private void settleContent() {
    takesParts = true;
    try {
      imageWord = findImageWord();
      settle();
    } catch (IllegalArgumentException asParts) {
      takesParts = false;
      imageWord = Sample.IMAGE_MARK;
      try {
        findImageWord();
        settle();
      } catch (IllegalArgumentException asText) {
        throw asParts; // the first error is more helpful: the template expects parts
      }
    }
  }

  /** The text that the template writes for an image. */
  private String findImageWord() {
    String place = "The trial conversation";
    Turn question = PROBE.get(0);
    String without = render(place, List.of(question), Ending.ANSWER_BEGUN);
    Turn asked = new Turn(Role.USER, Sample.IMAGE_MARK + "\n" + question.text());
    String with = render(place, List.of(asked), Ending.ANSWER_BEGUN);
    if (!with.contains(question.text())) {
      throw new InvalidInputException(
          String.format(
              Locale.ROOT,
              "Template %s loops over the content of messages, but writes none of a message's words (it wrote %s); use another template",
              template.name(),
              quoted(with)));
    }
    if (with.contains(Sample.IMAGE_MARK)) {
      return Sample.IMAGE_MARK;
    }
    List<String> words =
        tokenizer.specialTokens().stream()
            .filter(token -> with.contains(token) && !without.contains(token))
            .toList();
    List<String> images =
        words.stream().filter(word -> word.toLowerCase(Locale.ROOT).contains("image")).toList();
    if (images.size() == 1 || words.size() == 1) {
      return images.size() == 1 ? images.get(0) : words.get(0);
    }
    throw new InvalidInputException(
        String.format(
            Locale.ROOT,
            "Template %s loops over the content of messages, but for a part of type image it writes neither %s nor one special token of the tokenizer (with a picture: %s); use another template",
            template.name(),
            Sample.IMAGE_MARK,
            quoted(with)));
  }

  @Override
  public long imageTokenId() {
    return imageId;
  }

  @Override
  public long endOfTurnId() {
    return endId;
  }

  @Override
  public TokenizedSample encode(Sample sample) {
    List<Turn> turns = sample.conversation();
    checkWords(sample.id(), turns);
    String text = render("Sample " + sample.id(), turns, Ending.AS_IS);
    long[] ids = tokenizer.encode(text);
    checkImages(sample.id(), ids, sample.images());
    boolean[] supervised = new boolean[ids.length];
    int done = 0;
    for (int k = 0; k < turns.size(); k++) {
      if (turns.get(k).role() == Role.ASSISTANT) {
        String place =
            String.format(
                Locale.ROOT, "Sample %s (%s), turn %d", sample.id(), sample.source(), k + 1);
        int from = answerStart(place, turns.subList(0, k), text, ids);
        int end = answerEnd(place, turns.get(k), ids, from, done);
        for (int i = from; i <= end; i++) {
          supervised[i] = ids[i] != imageId;
        }
        done = end + 1;
      }
    }
    if (done == 0) {
      throw new InvalidInputException(
          "Sample %s (%s): no assistant turn, so nothing to learn; drop the sample"
              .formatted(sample.id(), sample.source()));
    }
    return new TokenizedSample(sample.id(), ids, supervised, sample.images());
  }

  @Override
  public TokenizedSample encodePrompt(String id, List<Turn> turns, List<EncodedImage> images) {
    checkWords(id, turns);
    long[] ids = tokenizer.encode(render("Sample " + id, turns, Ending.ANSWER_BEGUN) + block);
    checkImages(id, ids, images);
    return new TokenizedSample(id, ids, new boolean[ids.length], images);
  }

  private int answerStart(String place, List<Turn> before, String text, long[] ids) {
    String prompt = render(place, before, Ending.ANSWER_BEGUN);
    if (!text.startsWith(prompt)) {
      throw new InvalidInputException(
          "%s: template %s writes what comes before the answer otherwise once the answer is there (…%s), so the answer cannot be told; drop the sample or use another template"
              .formatted(place, template.name(), aroundDifference(prompt, text)));
    }
    if (text.startsWith(block, prompt.length())) {
      prompt += block;
    }
    long[] promptIds = tokenizer.encode(prompt);
    int same = Arrays.mismatch(promptIds, ids);
    if (same >= 0 && same < promptIds.length) {
      throw new InvalidInputException(
          "%s: the answer begins inside of a token (%s), which a model that answers the prompt cannot say; remove white space from the answer's start or drop the sample"
              .formatted(place, ids.length == same ? "" : quoted(ids[same])));
    }
    return promptIds.length;
  }

  private int answerEnd(String place, Turn turn, long[] ids, int from, int done) {
    int end = from;
    while (end < ids.length && ids[end] != endId) {
      end++;
    }
    if (from < done || end == ids.length) {
      throw new InvalidInputException(
          String.format(
              Locale.ROOT,
              "%s: template %s does not end the answer with token %d; use another template",
              place,
              template.name(),
              endId));
    }
    if (end == from && !turn.text().isBlank()) {
      throw new InvalidInputException(
          "%s: template %s leaves nothing of the answer; use another template or drop the sample"
              .formatted(place, template.name()));
    }
    return end;
  }

  /**
   * The text between prompt and answer that the template inserts itself; empty if it is white
   * space.
   */
  private String findBlock() {
    String place = "The trial conversation";
    String prompt = render(place, PROBE.subList(0, 1), Ending.ANSWER_BEGUN);
    String whole = render(place, PROBE.subList(0, 2), Ending.AS_IS);
    int words = whole.indexOf(PROBE.get(1).text(), prompt.length());
    if (!whole.startsWith(prompt) || words < 0) {
      return "";
    }
    String between = whole.substring(prompt.length(), words);
    return between.isBlank() ? "" : between;
  }

  private long findEnd() {
    String place = "The trial conversation";
    String firstPrompt = render(place, PROBE.subList(0, 1), Ending.ANSWER_BEGUN);
    String text = render(place, PROBE, Ending.AS_IS);
    List<Turn> trial = PROBE;
    if (!text.startsWith(firstPrompt)) {
      // Templates whose prompt opens the reasoning render earlier answers without it; they can be
      // trained on conversations with one answer.
      trial = PROBE.subList(0, 2);
      text = render(place, trial, Ending.AS_IS);
    }
    long[] ids = tokenizer.encode(text);
    Set<Long> special = new TreeSet<>();
    tokenizer.specialTokens().forEach(token -> special.add(tokenizer.specialTokenId(token)));
    long end = -1;
    for (int k = 1; k < trial.size(); k += 2) {
      int from = answerStart(place, trial.subList(0, k), text, ids);
      int to = from;
      while (to < ids.length && !special.contains(ids[to])) {
        to++;
      }
      String answer = tokenizer.decode(Arrays.copyOfRange(ids, from, to));
      if (to == ids.length
          || !answer.contains(trial.get(k).text())
          || answer.contains("again")
          || (end >= 0 && ids[to] != end)) {
        throw new InvalidInputException(
            "Template %s: an answer does not end with a special token of the tokenizer (its words and what follows: %s); add the token to the tokenizer or use another template"
                .formatted(template.name(), quoted(answer)));
      }
      end = ids[to];
    }
    return end;
  }

  private enum Ending {
    AS_IS,
    ANSWER_BEGUN
  }

  private String render(String place, List<Turn> turns, Ending ending) {
    Map<String, Object> all = new HashMap<>(variables);
    List<Map<String, Object>> messages = new ArrayList<>();
    for (Turn turn : turns) {
      Object content = takesParts ? ContentParts.of(turn.text()) : turn.text();
      messages.add(Map.of("role", turn.role().wireName(), "content", content));
    }
    all.put("messages", messages);
    all.put("add_generation_prompt", ending == Ending.ANSWER_BEGUN);
    try {
      return template.render(all).replace(imageWord, Sample.IMAGE_MARK);
    } catch (IllegalArgumentException e) {
      throw new InvalidInputException(
          "%s: %s; fix the conversation, drop the sample or use another template"
              .formatted(place, e.getMessage()),
          e);
    }
  }

  private void checkWords(String sampleId, List<Turn> turns) {
    for (Turn turn : turns) {
      for (String words : turn.text().split(Sample.IMAGE_MARK, -1)) {
        SpecialTokens.check(tokenizer, sampleId, words);
      }
    }
  }

  private void checkImages(String sampleId, long[] ids, List<EncodedImage> images) {
    long placeholders = Arrays.stream(ids).filter(id -> id == imageId).count();
    if (placeholders != images.size()) {
      throw new InvalidInputException(
          String.format(
              Locale.ROOT,
              "Sample %s: %d images but template %s wrote %d %s marks; use another template",
              sampleId,
              images.size(),
              template.name(),
              placeholders,
              Sample.IMAGE_MARK));
    }
  }

  private String quoted(long id) {
    return quoted(tokenizer.decode(new long[] {id}));
  }

  private static String quoted(String text) {
    return '"' + text.replace("\n", "\\n") + '"';
  }

  private static String aroundDifference(String prompt, String text) {
    int same = 0;
    while (same < Math.min(prompt.length(), text.length())
        && prompt.charAt(same) == text.charAt(same)) {
      same++;
    }
    return prompt.substring(Math.max(0, same - 20), Math.min(prompt.length(), same + 20));
  }
}

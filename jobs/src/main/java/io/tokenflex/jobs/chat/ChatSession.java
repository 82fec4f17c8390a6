package io.tokenflex.jobs.chat;

import io.tokenflex.adaptive.AdaptiveGenerator.Started;
import io.tokenflex.failure.InvalidInputException;
import io.tokenflex.generate.Answer;
import io.tokenflex.generate.AnswerStream;
import io.tokenflex.generate.FinishReason;
import io.tokenflex.generate.GenerationConfig;
import io.tokenflex.generate.Prompt;
import io.tokenflex.samples.EncodedImage;
import io.tokenflex.samples.Role;
import io.tokenflex.samples.Sample;
import io.tokenflex.samples.Turn;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.PrintWriter;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/**
 * A conversation about pictures: lines in, streamed answers out. All turns so far are part of every
 * prompt; the pictures stand before the first.
 */
public final class ChatSession {
  /** Forgets the turns. */
  public static final String NEW = "/new";

  /** Ends the session, as the end of the input does. */
  public static final String QUIT = "/quit";

  private final Answering answering;
  private final List<EncodedImage> images;
  private final GenerationConfig config;
  private final PrintWriter out;
  private final PrintWriter err;
  private final List<Turn> turns = new ArrayList<>();

  /** Creates a session. */
  public ChatSession(
      Answering answering,
      List<EncodedImage> images,
      GenerationConfig config,
      PrintWriter out,
      PrintWriter err) {
    this.answering = answering;
    this.images = List.copyOf(images);
    this.config = config;
    this.out = out;
    this.err = err;
  }

  /**
   * Answers line after line until the input ends.
   *
   * @return false if a turn could not be answered; it was left out of the conversation
   */
  public boolean run(BufferedReader in) throws IOException {
    boolean isAllAnswered = true;
    err.printf(
        Locale.ROOT,
        "%d picture(s) at %s; %s forgets the conversation, %s ends%n",
        images.size(),
        answering.numberInWords(),
        NEW,
        QUIT);
    err.flush();
    for (String line = in.readLine(); line != null; line = in.readLine()) {
      String text = line.strip();
      if (text.equals(QUIT)) {
        break;
      } else if (text.equals(NEW)) {
        turns.clear();
      } else if (!text.isEmpty()) {
        isAllAnswered &= answer(text);
      }
    }
    return isAllAnswered;
  }

  private boolean answer(String text) {
    String marks = turns.isEmpty() ? (Sample.IMAGE_MARK + "\n").repeat(images.size()) : "";
    turns.add(new Turn(Role.USER, marks + text));
    try {
      turns.add(new Turn(Role.ASSISTANT, stream().text()));
      return true;
    } catch (InvalidInputException e) {
      turns.remove(turns.size() - 1);
      err.println("error: " + e.getMessage() + ". The turn was left out; " + NEW + " starts anew");
      err.flush();
      return false;
    }
  }

  private Answer stream() {
    long start = System.nanoTime();
    Prompt prompt = new Prompt(turns, images);
    Started started = answering.start(prompt, config);
    if (started.ready().isPresent()) {
      Answer answer = started.ready().get();
      out.println(answer.text());
      out.flush();
      double seconds = (System.nanoTime() - start) / 1e9;
      err.printf(
          Locale.ROOT,
          "[%d tokens, answered in %.2f s%s%s]%n",
          answer.numNewTokens(),
          seconds,
          ending(answer.finish()),
          chosen(started));
      err.flush();
      return answer;
    }
    try (AnswerStream stream = answering.stream(prompt, started.numVisionTokens(), config)) {
      long begun = System.nanoTime();
      while (stream.hasNext()) {
        out.print(stream.next());
        out.flush();
      }
      Answer answer = stream.answer();
      double decoding = (System.nanoTime() - begun) / 1e9;
      out.println();
      out.flush();
      err.printf(
          Locale.ROOT,
          "[%d tokens, %.1f tokens/s, prompt read in %.2f s%s%s]%n",
          answer.numNewTokens(),
          answer.numNewTokens() / decoding,
          (begun - start) / 1e9,
          ending(answer.finish()),
          chosen(started));
      err.flush();
      return answer;
    }
  }

  private String chosen(Started started) {
    if (!answering.isAuto() || images.isEmpty()) {
      return "";
    }
    String tried =
        started.triedVisionTokens() == 0
            ? ""
            : String.format(Locale.ROOT, ", after %d tried", started.triedVisionTokens());
    return String.format(Locale.ROOT, "; at %d vision tokens%s", started.numVisionTokens(), tried);
  }

  private static String ending(FinishReason finish) {
    return switch (finish) {
      case END_TOKEN, STOP_STRING -> "";
      case MAX_NEW_TOKENS -> "; cut off at the longest answer allowed";
      case CONTEXT_FULL -> "; cut off, the model's positions are full";
    };
  }
}

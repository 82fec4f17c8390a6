package io.tokenflex.jobs.chat;

import io.tokenflex.failure.InvalidInputException;
import io.tokenflex.generate.Answer;
import io.tokenflex.generate.AnswerStream;
import io.tokenflex.generate.FinishReason;
import io.tokenflex.generate.GenerationConfig;
import io.tokenflex.generate.Prompt;
import io.tokenflex.generate.TextGenerator;
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

  private final TextGenerator generator;
  private final List<EncodedImage> images;
  private final int numVisionTokens;
  private final GenerationConfig config;
  private final PrintWriter out;
  private final PrintWriter err;
  private final List<Turn> turns = new ArrayList<>();

  /** Creates a session; the caller closes the generator. */
  public ChatSession(
      TextGenerator generator,
      List<EncodedImage> images,
      int numVisionTokens,
      GenerationConfig config,
      PrintWriter out,
      PrintWriter err) {
    this.generator = generator;
    this.images = List.copyOf(images);
    this.numVisionTokens = numVisionTokens;
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
        "%d picture(s) at %d vision tokens; %s forgets the conversation, %s ends%n",
        images.size(),
        numVisionTokens,
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
    try (AnswerStream stream = generator.stream(prompt, numVisionTokens, config)) {
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
          "[%d tokens, %.1f tokens/s, prompt read in %.2f s%s]%n",
          answer.numNewTokens(),
          answer.numNewTokens() / decoding,
          (begun - start) / 1e9,
          ending(answer.finish()));
      err.flush();
      return answer;
    }
  }

  private static String ending(FinishReason finish) {
    return switch (finish) {
      case END_TOKEN, STOP_STRING -> "";
      case MAX_NEW_TOKENS -> "; cut off at the longest answer allowed";
      case CONTEXT_FULL -> "; cut off, the model's positions are full";
    };
  }
}

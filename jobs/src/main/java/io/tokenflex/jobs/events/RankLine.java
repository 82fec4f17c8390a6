package io.tokenflex.jobs.events;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.tokenflex.distributed.SharedSecret;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;

/** One connection to the driver: a stranger's until it has said hello, then a rank's. */
final class RankLine {
  /** Far more than any message has; whoever sends more is cut off. */
  private static final int MAX_LINE_BYTES = 1 << 20;

  private final SocketChannel channel;
  private final long helloDeadline;
  private final ByteBuffer arrived = ByteBuffer.allocate(16 << 10);
  private final ByteArrayOutputStream line = new ByteArrayOutputStream();
  private RankHello hello;
  private boolean hasUnreadable;

  /** What is done with a line. */
  @FunctionalInterface
  interface Reader {
    void read(String line) throws IOException;
  }

  /**
   * @param helloDeadline as {@link System#nanoTime} counts
   */
  RankLine(SocketChannel channel, long helloDeadline) {
    this.channel = channel;
    this.helloDeadline = helloDeadline;
  }

  boolean isStranger() {
    return hello == null;
  }

  long helloDeadline() {
    return helloDeadline;
  }

  int attempt() {
    return hello.attempt();
  }

  int rank() {
    return hello.rank();
  }

  String executor() {
    return hello.executor();
  }

  /** Remembers that a message could not be read; returns whether it is the first one. */
  boolean markUnreadable() {
    boolean isFirst = !hasUnreadable;
    hasUnreadable = true;
    return isFirst;
  }

  /** From now on it is this rank's; answers it. */
  void belongsTo(RankHello rank, SharedSecret secret) throws IOException {
    hello = rank;
    ByteBuffer answer = ByteBuffer.wrap((rank.answer(secret) + "\n").getBytes(UTF_8));
    channel.write(answer);
    if (answer.hasRemaining()) {
      throw new IOException("no room for the answer to a hello");
    }
  }

  /**
   * Hands over the lines that have arrived.
   *
   * @return whether more can come
   * @throws IOException if the connection broke or a line is too long
   */
  boolean read(Reader reader) throws IOException {
    int read = channel.read(arrived.clear());
    arrived.flip();
    while (arrived.hasRemaining()) {
      byte next = arrived.get();
      if (next == '\n') {
        String text = line.toString(UTF_8);
        line.reset();
        reader.read(text);
      } else if (line.size() < (isStranger() ? RankHello.MAX_BYTES : MAX_LINE_BYTES)) {
        line.write(next);
      } else {
        throw new IOException("a line of more than " + line.size() + " bytes");
      }
    }
    return read >= 0;
  }

  void close() {
    try {
      channel.close();
    } catch (IOException e) {
      // Closing is all that is left to do.
    }
  }
}

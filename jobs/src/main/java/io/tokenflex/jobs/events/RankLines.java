package io.tokenflex.jobs.events;

import com.fasterxml.jackson.core.JsonProcessingException;
import io.tokenflex.distributed.SharedSecret;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.channels.ClosedSelectorException;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The driver's end of the ranks' lines: hands every message of the attempt at work to one listener,
 * one at a time.
 *
 * <p>Whoever has not proved to be a rank of this attempt has little time and few bytes, and there
 * are few of them at once; one thread looks at all of them beside each other. Messages of earlier
 * attempts are not heard: their lines end when the next attempt starts, and what has arrived of
 * them is left out.
 */
public final class RankLines implements AutoCloseable {
  private static final Logger log = LoggerFactory.getLogger(RankLines.class);
  private static final int BACKLOG = 256;
  private static final int MAX_STRANGERS = 64;
  private static final int MAX_WAITING_STEPS = 10_000;
  private static final Duration POLL = Duration.ofMillis(20);

  private final ServerSocketChannel server;
  private final Selector selector;
  private final Consumer<RankMessage> listener;
  private final Duration helloTimeout;
  private final BlockingQueue<RankMessage> queue = new LinkedBlockingQueue<>();
  private final List<RankLine> strangers = new ArrayList<>();
  private final Map<Integer, RankLine> ranks = new TreeMap<>();
  private final Map<Integer, String> executors = new TreeMap<>();
  private int attempt;
  private SharedSecret secret = SharedSecret.random();

  /** Messages in the queue, and the one that the listener was given and has not returned from. */
  private int unheard;

  /**
   * Listens.
   *
   * @param bindAddress the address, or name of one, of this machine to listen on
   * @param helloTimeout how long a connection may take to prove that it is a rank's
   * @param listener called on one thread; what it throws is logged
   */
  public RankLines(String bindAddress, Duration helloTimeout, Consumer<RankMessage> listener)
      throws IOException {
    this.helloTimeout = helloTimeout;
    this.listener = listener;
    this.selector = Selector.open();
    this.server = ServerSocketChannel.open();
    server.bind(new InetSocketAddress(InetAddress.getByName(bindAddress), 0), BACKLOG);
    server.configureBlocking(false);
    server.register(selector, SelectionKey.OP_ACCEPT);
    start("rank-lines", this::serve);
    start("rank-message-listener", this::listen);
  }

  /** Where it listens. */
  public int port() {
    return server.socket().getLocalPort();
  }

  /** Ends the lines of the attempt before; returns what the ranks of the next one have to know. */
  public synchronized SharedSecret startAttempt(int number) {
    attempt = number;
    secret = SharedSecret.random();
    ranks.values().forEach(RankLine::close);
    ranks.clear();
    executors.clear();
    return secret;
  }

  /** Executors of all ranks of this attempt that have said hello, by rank. */
  public synchronized Map<Integer, String> executors() {
    return new TreeMap<>(executors);
  }

  /** Executors of the ranks whose lines are open, by rank. */
  public synchronized Map<Integer, String> openRanks() {
    Map<Integer, String> open = new TreeMap<>();
    ranks.forEach((rank, line) -> open.put(rank, line.executor()));
    return open;
  }

  /** Waits until every rank's line has ended and every message was heard, or for the timeout. */
  public void drain(Duration timeout) throws InterruptedException {
    long end = System.nanoTime() + timeout.toNanos();
    while (System.nanoTime() < end && !isDrained()) {
      TimeUnit.MILLISECONDS.sleep(POLL.toMillis());
    }
  }

  private synchronized boolean isDrained() {
    return ranks.isEmpty() && unheard == 0;
  }

  private void serve() {
    while (server.isOpen()) {
      try {
        selector.select(key -> serve(key), Math.max(1, helloTimeout.toMillis() / 10));
        dismissLate();
      } catch (IOException | ClosedSelectorException e) {
        log.debug("The driver stopped listening to ranks", e);
      }
    }
  }

  private synchronized void serve(SelectionKey key) {
    if (!key.isValid()) {
      return;
    }
    if (key.isAcceptable()) {
      welcome();
      return;
    }
    RankLine line = (RankLine) key.attachment();
    try {
      boolean isOpen = line.read(text -> heard(line, text));
      if (!isOpen) {
        forget(line);
      }
    } catch (IOException e) {
      log.debug("A rank's line broke", e); // its task tells Spark why
      forget(line);
    }
  }

  private void welcome() {
    try {
      SocketChannel channel = server.accept();
      if (channel == null) {
        return; // it left before its turn
      }
      if (strangers.size() == MAX_STRANGERS) {
        strangers.remove(0).close();
      }
      RankLine line = new RankLine(channel, System.nanoTime() + helloTimeout.toNanos());
      strangers.add(line);
      channel.configureBlocking(false);
      channel.register(selector, SelectionKey.OP_READ, line);
    } catch (IOException e) {
      log.debug("A connection failed as it was made", e);
      LockSupport.parkNanos(POLL.toNanos()); // it may be the limit of open files
    }
  }

  private void heard(RankLine line, String text) throws IOException {
    if (line.isStranger()) {
      Optional<RankHello> hello = RankHello.parse(text, secret);
      if (hello.isEmpty() || hello.get().attempt() != attempt) {
        throw new IOException("a stranger, or a rank of an earlier attempt");
      }
      strangers.remove(line);
      executors.put(hello.get().rank(), hello.get().executor());
      RankLine before = ranks.put(hello.get().rank(), line);
      if (before != null) {
        before.close();
      }
      line.belongsTo(hello.get(), secret);
      return;
    }
    RankMessage message;
    try {
      message = RankMessage.parse(text);
    } catch (JsonProcessingException e) { // the rank goes on, and its next message may be clear
      if (line.markUnreadable()) {
        log.warn(
            "train: a message of rank {} cannot be read and is left out: {}",
            line.rank(),
            e.getOriginalMessage());
      }
      return;
    }
    if (message.attempt() != line.attempt() || message.rank() != line.rank()) {
      throw new IOException(
          String.format(
              Locale.ROOT,
              "a message of rank %d of attempt %d on the line of rank %d of attempt %d",
              message.rank(),
              message.attempt(),
              line.rank(),
              line.attempt()));
    }
    if (message.event() instanceof TrainingEvent.StepDone && queue.size() >= MAX_WAITING_STEPS) {
      log.debug("A step's metrics are lost: {} messages wait to be handled", queue.size());
      return; // the listener is slower than training; its memory is bounded
    }
    unheard++;
    queue.add(message);
  }

  private void forget(RankLine line) {
    line.close();
    strangers.remove(line);
    ranks.values().remove(line);
  }

  private synchronized void dismissLate() {
    strangers.removeIf(
        line -> {
          boolean isLate = line.helloDeadline() < System.nanoTime();
          if (isLate) {
            line.close();
          }
          return isLate;
        });
  }

  private void listen() {
    try {
      while (true) {
        RankMessage message = queue.take();
        try {
          if (isOfThisAttempt(message)) {
            listener.accept(message);
          }
        } catch (RuntimeException | Error e) { // a full disk, for instance, is an Error
          log.warn("train: a message of a rank could not be handled: {}", e.toString());
        } finally {
          countHeard();
        }
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt(); // the driver's end is closed
    }
  }

  private synchronized boolean isOfThisAttempt(RankMessage message) {
    return message.attempt() == attempt;
  }

  private synchronized void countHeard() {
    unheard--;
  }

  private static void start(String name, Runnable body) {
    Thread thread = new Thread(body, name);
    thread.setDaemon(true);
    thread.start();
  }

  @Override
  public void close() throws IOException {
    server.close();
    selector.close();
    synchronized (this) {
      strangers.forEach(RankLine::close);
      ranks.values().forEach(RankLine::close);
      attempt = -1; // what is still in the queue is not heard
    }
  }
}

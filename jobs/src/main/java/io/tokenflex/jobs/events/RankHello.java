package io.tokenflex.jobs.events;

import io.tokenflex.distributed.SharedSecret;
import java.util.HexFormat;
import java.util.Optional;

/**
 * The first line that a rank sends to the driver: who it is, of which attempt, and the proof that
 * it knows the attempt's secret. The driver's first line proves the same to the rank, so neither
 * takes a stranger for the other.
 *
 * @param executor id of the Spark executor it runs on
 * @param nonce hexadecimal, made by the rank
 */
record RankHello(int attempt, int rank, String executor, String nonce) {
  /** No hello is longer. */
  static final int MAX_BYTES = 512;

  private static final String GREETING = "tokenflex-rank-1";
  private static final HexFormat HEX = HexFormat.of();

  RankHello {
    executor = executor.replaceAll("\\s", "_");
  }

  static RankHello of(int attempt, int rank, String executor) {
    return new RankHello(attempt, rank, executor, HEX.formatHex(SharedSecret.nonce()));
  }

  /** The line, without its end. */
  String toLine(SharedSecret secret) {
    return statement() + " " + HEX.formatHex(secret.prove(statement(), HEX.parseHex(nonce)));
  }

  /** The hello in a line, if it is one and its proof is right. */
  static Optional<RankHello> parse(String line, SharedSecret secret) {
    String[] words = line.split(" ", -1);
    if (words.length != 6 || !words[0].equals(GREETING)) {
      return Optional.empty();
    }
    try {
      RankHello hello =
          new RankHello(Integer.parseInt(words[1]), Integer.parseInt(words[2]), words[3], words[4]);
      byte[] nonceBytes = HEX.parseHex(words[4]);
      return secret.isProof(HEX.parseHex(words[5]), hello.statement(), nonceBytes)
          ? Optional.of(hello)
          : Optional.empty();
    } catch (IllegalArgumentException e) {
      return Optional.empty(); // no number, or not hexadecimal
    }
  }

  /** The driver's answer, without the end of its line. */
  String answer(SharedSecret secret) {
    return HEX.formatHex(secret.prove("answer to " + statement(), HEX.parseHex(nonce)));
  }

  private String statement() {
    return GREETING + " " + attempt + " " + rank + " " + executor + " " + nonce;
  }
}

package io.tokenflex.distributed;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.tokenflex.failure.InvalidInputException;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.security.SecureRandom;
import java.util.Arrays;
import java.util.HexFormat;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;

/**
 * What the processes of one attempt know and nobody else: they prove it to each other without
 * sending it. It has to reach them through a channel that is trusted already, such as Spark's own.
 */
public final class SharedSecret {
  /** Length of a proof: HMAC-SHA256. */
  public static final int PROOF_BYTES = 32;

  /** Length of the number that makes every proof another. */
  public static final int NONCE_BYTES = 16;

  private static final int SECRET_BYTES = 32;
  private static final String HMAC = "HmacSHA256";
  private static final SecureRandom RANDOM = new SecureRandom();

  private final byte[] secret;

  private SharedSecret(byte[] secret) {
    this.secret = secret;
  }

  /** A new one that nobody can guess. */
  public static SharedSecret random() {
    return new SharedSecret(randomBytes(SECRET_BYTES));
  }

  /** The one that {@link #toHex} wrote. */
  public static SharedSecret fromHex(String hex) {
    byte[] secret;
    try {
      secret = HexFormat.of().parseHex(hex);
    } catch (IllegalArgumentException e) {
      throw new InvalidInputException("A shared secret is not hexadecimal", e);
    }
    if (secret.length != SECRET_BYTES) {
      throw new InvalidInputException(
          "A shared secret has " + secret.length + " bytes; expected " + SECRET_BYTES);
    }
    return new SharedSecret(secret);
  }

  /** For the trusted channel; never to be logged. */
  public String toHex() {
    return HexFormat.of().formatHex(secret);
  }

  /** A number that is used once. */
  public static byte[] nonce() {
    return randomBytes(NONCE_BYTES);
  }

  private static byte[] randomBytes(int length) {
    byte[] bytes = new byte[length];
    RANDOM.nextBytes(bytes);
    return bytes;
  }

  /**
   * Proves knowledge of the secret in one place of one protocol.
   *
   * @param statement what is being said, by whom to whom; another statement has another proof
   * @param nonce of the side that is to be convinced
   */
  public byte[] prove(String statement, byte[] nonce) {
    try {
      Mac mac = Mac.getInstance(HMAC);
      mac.init(new SecretKeySpec(secret, HMAC));
      mac.update(nonce);
      return mac.doFinal(statement.getBytes(UTF_8));
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException("Every JVM has " + HMAC, e);
    }
  }

  /** Whether {@code proof} is what {@link #prove} makes; takes as long for any wrong one. */
  public boolean isProof(byte[] proof, String statement, byte[] nonce) {
    return MessageDigest.isEqual(proof, prove(statement, nonce));
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof SharedSecret that && MessageDigest.isEqual(secret, that.secret);
  }

  @Override
  public int hashCode() {
    return Arrays.hashCode(secret);
  }

  /** Does not tell it. */
  @Override
  public String toString() {
    return "SharedSecret";
  }
}

package io.tokenflex.jobs.run;

import java.util.regex.Pattern;

/**
 * Which settings are nobody's business. What people pass on (the report, the log of commands) shows
 * {@link #LEFT_OUT} in place of their values.
 */
public final class Secrets {
  /** Stands in the place of a secret. */
  public static final String LEFT_OUT = "(left out)";

  /** Words in any setting's key; {@code tokens} and {@code tokenizer} are no secrets of ours. */
  private static final String WORDS =
      "secret|password|passphrase|credential|access[._-]?key|session[._-]?token";

  private static final Pattern KEY = Pattern.compile("(?i)" + WORDS);

  /**
   * What Spark's own pages leave out, the default of {@code spark.redaction.regex}, and keys of any
   * kind such as {@code fs.azure.account.key}.
   */
  private static final Pattern SPARK_KEY =
      Pattern.compile("(?i)" + WORDS + "|token|(?:^|[._-])key(?:[._-]|$)");

  private static final Pattern USER_INFO = Pattern.compile("://[^/@\\s\"']*:[^/@\\s\"']*@");

  private Secrets() {}

  /** Whether a setting of a run holds a secret, as far as its key tells. */
  public static boolean isSecret(String key) {
    return KEY.matcher(key).find();
  }

  /**
   * Whether a setting that is passed on to Spark and Hadoop holds a secret. As Spark itself does, a
   * value is one that speaks of secrets, for instance Java options.
   */
  public static boolean isSparkSecret(String key, String value) {
    return SPARK_KEY.matcher(key).find() || KEY.matcher(value).find();
  }

  /** A text without the name and password that may stand in an address. */
  public static String withoutUserInfo(String text) {
    return USER_INFO.matcher(text).replaceAll("://" + LEFT_OUT + "@");
  }
}

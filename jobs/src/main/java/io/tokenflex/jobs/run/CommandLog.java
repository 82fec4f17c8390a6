package io.tokenflex.jobs.run;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Which commands worked in a run folder, when, how long and on which machine: {@code
 * commands.jsonl}, one line per command, the newest last.
 *
 * <p>The log is for people: a command never fails because of it.
 */
public final class CommandLog {
  static final String FILE = "commands.jsonl";
  private static final int MAX_ENTRIES = 100;
  private static final Set<String> TRAINING = Set.of("quickstart", "train");

  private static final Pattern SETTING =
      Pattern.compile("((?:--set=)?)([^=\\s]+)=(.*)", Pattern.DOTALL);

  private static final String SPARK = "cluster.spark.";

  /** Shells take these characters for themselves alone. */
  private static final Pattern PLAIN = Pattern.compile("[\\w@%+=:,./-]+");

  private static final Logger log = LoggerFactory.getLogger(CommandLog.class);
  private static final ObjectMapper JSON = new ObjectMapper();

  private final RunFolder folder;
  private final List<Entry> entries;
  private final Instant start;

  /**
   * A command.
   *
   * @param name of the subcommand
   * @param line as it would be typed, without secrets
   * @param startedAt in ISO 8601
   * @param seconds how long it took; null while it works, and if it was broken off
   * @param driver the machine of its driver
   */
  public record Entry(String name, String line, String startedAt, Double seconds, Machine driver) {
    public Entry {
      startedAt = Instant.parse(startedAt).toString(); // refuses what is no time
    }

    /** Whether the command trains. */
    public boolean trains() {
      return TRAINING.contains(name);
    }

    private Entry took(double howLong) {
      return new Entry(name, line, startedAt, howLong, driver);
    }
  }

  private CommandLog(RunFolder folder, List<Entry> entries, Instant start) {
    this.folder = folder;
    this.entries = entries;
    this.start = start;
  }

  /**
   * Notes that a command begins.
   *
   * @param arguments of the command line, the subcommand first
   */
  public static CommandLog begin(RunFolder folder, String name, List<String> arguments) {
    Instant start = Instant.now().truncatedTo(ChronoUnit.MILLIS);
    List<Entry> entries = new ArrayList<>();
    try {
      entries.addAll(read(folder));
    } catch (IOException e) {
      log.warn("{} cannot be read and is begun anew: {}", folder.pathOf(FILE), e.toString());
    }
    entries.add(new Entry(name, lineOf(arguments), start.toString(), null, Machine.here()));
    entries.subList(0, Math.max(0, entries.size() - MAX_ENTRIES)).clear();
    CommandLog commands = new CommandLog(folder, entries, start);
    commands.write();
    return commands;
  }

  /** Notes that the command has ended. */
  public void end() {
    double seconds = Duration.between(start, Instant.now()).toMillis() / 1e3;
    entries.set(entries.size() - 1, entries.get(entries.size() - 1).took(seconds));
    write();
  }

  /** The commands of a run folder, the newest last; damaged lines are named and left out. */
  public static List<Entry> read(RunFolder folder) throws IOException {
    List<Entry> entries = new ArrayList<>();
    if (folder.exists(FILE)) {
      for (String line : folder.readText(FILE).lines().toList()) {
        try {
          entries.add(JSON.readValue(line, Entry.class));
        } catch (JsonProcessingException e) {
          log.warn("{}: a line cannot be read and is left out: {}", folder.pathOf(FILE), line);
        }
      }
    }
    return entries;
  }

  /** A command line for people to type: quoted where a shell asks for it, secrets left out. */
  static String lineOf(List<String> arguments) {
    StringBuilder line = new StringBuilder("./tokenflex");
    for (String argument : arguments) {
      String shown = withoutSecret(argument);
      boolean isPlain = PLAIN.matcher(shown).matches();
      line.append(' ').append(isPlain ? shown : "'" + shown.replace("'", "'\\''") + "'");
    }
    return line.toString();
  }

  private static String withoutSecret(String argument) {
    Matcher setting = SETTING.matcher(argument);
    if (!setting.matches()) {
      return Secrets.withoutUserInfo(argument);
    }
    String key = setting.group(2);
    boolean isSecret =
        Secrets.isSecret(key)
            || (key.startsWith(SPARK) && Secrets.isSparkSecret(key, setting.group(3)));
    String value = isSecret ? Secrets.LEFT_OUT : Secrets.withoutUserInfo(setting.group(3));
    return setting.group(1) + key + "=" + value;
  }

  private void write() {
    try {
      StringBuilder text = new StringBuilder();
      for (Entry entry : entries) {
        text.append(JSON.writeValueAsString(entry)).append('\n');
      }
      folder.writeText(FILE, text.toString());
    } catch (IOException e) {
      log.warn("{} cannot be written: {}", folder.pathOf(FILE), e.toString());
    }
  }
}

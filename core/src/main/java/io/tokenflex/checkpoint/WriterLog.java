package io.tokenflex.checkpoint;

import com.fasterxml.jackson.databind.ObjectMapper;
import io.tokenflex.storage.Publication;
import io.tokenflex.storage.StateUnknownException;
import io.tokenflex.storage.Storage;
import java.io.IOException;
import java.io.InputStream;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The acts of those who write a run's checkpoints, one small file each, numbered without gaps.
 *
 * <p>A file is created on condition that its number is free. Whoever appends names the number that
 * follows the last one it knows of; so it succeeds only if nobody did anything meanwhile. That is
 * all that keeps a replaced attempt from publishing, however late it wakes up.
 */
final class WriterLog {
  /**
   * How many records stay. The number of a record that was removed is free again, so who appends
   * looks whether there are higher ones: these are the ones that it finds.
   */
  private static final int KEPT = 32;

  /** How the name of a record ends. */
  static final String SUFFIX = ".json";

  private static final Pattern RECORD = Pattern.compile("(\\d{12})\\.json");

  /** A record, or what {@link DraftRemovals} says of an attempt. */
  private static final Pattern NUMBERED = Pattern.compile("(\\d{12})\\.[a-z]+");

  private static final String FOLDER = CheckpointCatalog.WRITER;
  private static final Logger log = LoggerFactory.getLogger(WriterLog.class);
  private static final ObjectMapper JSON = new ObjectMapper();

  private final Storage storage;

  WriterLog(Storage storage) {
    this.storage = storage;
  }

  /** The numbers of all records, ascending. */
  List<Long> numbers() throws IOException {
    List<Long> numbers = new ArrayList<>();
    for (String name : storage.list(FOLDER)) {
      Matcher record = RECORD.matcher(name);
      if (record.matches()) {
        numbers.add(Long.parseLong(record.group(1)));
      }
    }
    numbers.sort(null);
    return numbers;
  }

  /** The highest number; 0 if there is no record. */
  long last() throws IOException {
    List<Long> numbers = numbers();
    return numbers.isEmpty() ? 0 : numbers.get(numbers.size() - 1);
  }

  /** The record of the highest number, if there is any. */
  Optional<WriterRecord> head() throws IOException {
    long last = last();
    return last == 0 ? Optional.empty() : Optional.of(read(last));
  }

  WriterRecord read(long number) throws IOException {
    try {
      return JSON.readValue(readBytes(number), WriterRecord.class);
    } catch (IOException e) {
      throw new IOException(
          String.format(
              Locale.ROOT,
              "Cannot read %s, which says who writes here: %s. If no train command works on this run,"
                  + " delete the folder %s and run again",
              storage.locationOf(place(number)),
              e.getMessage(),
              storage.locationOf(FOLDER)),
          e);
    }
  }

  private byte[] readBytes(long number) throws IOException {
    try (InputStream in = storage.open(place(number))) {
      return in.readAllBytes();
    }
  }

  private static String place(long number) {
    return String.format(Locale.ROOT, "%s/%012d.json", FOLDER, number);
  }

  /**
   * Appends a record under its number.
   *
   * @return false if its number is taken, or higher ones are: others have acted meanwhile
   * @throws StateUnknownException if nobody can tell whether it was appended
   * @throws IOException if it was not
   */
  boolean append(WriterRecord record) throws IOException {
    byte[] bytes = JSON.writeValueAsBytes(record);
    return Publication.publish(storage, place(record.number()), bytes) && last() == record.number();
  }

  /**
   * The last publication, unless somebody has published after it: whoever announced it may have
   * been stopped before the manifest was there.
   */
  Optional<WriterRecord> lastPublication() throws IOException {
    List<Long> numbers = numbers();
    for (int i = numbers.size() - 1; i >= 0; i--) {
      if (i < numbers.size() - 1 && numbers.get(i + 1) != numbers.get(i) + 1) {
        return Optional.empty(); // below the gap lies what a late writer left after all was removed
      }
      WriterRecord record = read(numbers.get(i));
      if (record.act() == WriterRecord.Act.PUBLISH) {
        return Optional.of(record);
      }
    }
    return Optional.empty();
  }

  /** Removes records that nobody needs any more; what cannot be removed stays. */
  void prune() {
    try {
      long last = last();
      for (String name : storage.list(FOLDER)) {
        Matcher numbered = NUMBERED.matcher(name);
        if (numbered.matches() && Long.parseLong(numbered.group(1)) <= last - KEPT) {
          storage.delete(FOLDER + "/" + name);
        }
      }
    } catch (IOException e) {
      log.warn("Old records of {} stay: {}", storage.locationOf(FOLDER), e.toString());
    }
  }
}

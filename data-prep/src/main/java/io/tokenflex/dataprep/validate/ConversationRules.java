package io.tokenflex.dataprep.validate;

import io.tokenflex.dataprep.record.RecordRejectedException;
import io.tokenflex.dataprep.record.RejectReason;
import io.tokenflex.dataprep.record.SourceImage;
import io.tokenflex.dataprep.record.SourceRecord;
import io.tokenflex.samples.Role;
import io.tokenflex.samples.Sample;
import io.tokenflex.samples.Turn;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/** Checks on the texts of a record. */
final class ConversationRules {
  /**
   * Special tokens of chat templates, such as {@code <|im_start|>}. The tokenizer would convert
   * such text to the real token, which could open or close a turn.
   */
  private static final Pattern SPECIAL_TOKEN = Pattern.compile("<\\|[A-Za-z0-9_]+\\|>");

  private final int maxTextChars;

  ConversationRules(int maxTextChars) {
    this.maxTextChars = maxTextChars;
  }

  void check(SourceRecord record) throws RecordRejectedException {
    checkOrder(record.conversation());
    requireWhole("The id", record.id());
    for (Map.Entry<String, String> field : record.metadata().entrySet()) {
      requireWhole("The name of a field", field.getKey());
      requireWhole("Field " + field.getKey(), field.getValue());
    }
    int numMarks = 0;
    long numChars = 0;
    for (int i = 0; i < record.conversation().size(); i++) {
      Turn turn = record.conversation().get(i);
      checkText(i, turn.text());
      int marks = Sample.countImageMarks(turn.text());
      if (marks > 0 && turn.role() != Role.USER) {
        throw new RecordRejectedException(
            RejectReason.IMAGE_MARK_IN_ANSWER,
            String.format(
                Locale.ROOT,
                "Turn %d of the %s holds %s; only the user shows images",
                i,
                turn.role().wireName(),
                Sample.IMAGE_MARK),
            turn.text());
      }
      numMarks += marks;
      numChars += turn.text().length();
    }
    if (numChars > maxTextChars) {
      throw new RecordRejectedException(
          RejectReason.TEXT_TOO_LONG,
          String.format(
              Locale.ROOT,
              "%d characters in all turns; at most %d are allowed",
              numChars,
              maxTextChars),
          record.conversation().get(0).text());
    }
    if (numMarks != record.images().size()) {
      throw new RecordRejectedException(
          RejectReason.IMAGE_MARK_MISMATCH,
          String.format(
              Locale.ROOT,
              "%d images but %d %s marks",
              record.images().size(),
              numMarks,
              Sample.IMAGE_MARK),
          record.images().stream().map(SourceImage::name).collect(Collectors.joining(", ")));
    }
  }

  /**
   * JSON strings may contain lone surrogates, which UTF-8 cannot represent and Java would silently
   * replace.
   */
  private static void requireWhole(String what, String text) throws RecordRejectedException {
    for (int i = 0; i < text.length(); i++) {
      if (Character.isSurrogate(text.charAt(i))) {
        if (Character.isSurrogatePair(
            text.charAt(i), i + 1 < text.length() ? text.charAt(i + 1) : 0)) {
          i++;
        } else {
          throw new RecordRejectedException(
              RejectReason.INVALID_TEXT,
              String.format(
                  Locale.ROOT, "%s holds U+%04X at character %d", what, (int) text.charAt(i), i),
              text.substring(0, i));
        }
      }
    }
  }

  private static void checkOrder(List<Turn> conversation) throws RecordRejectedException {
    boolean startsWithSystem = conversation.get(0).role() == Role.SYSTEM;
    List<Turn> exchange = conversation.subList(startsWithSystem ? 1 : 0, conversation.size());
    boolean isInOrder = !exchange.isEmpty() && exchange.size() % 2 == 0;
    for (int i = 0; i < exchange.size(); i++) {
      isInOrder &= exchange.get(i).role() == (i % 2 == 0 ? Role.USER : Role.ASSISTANT);
    }
    if (!isInOrder) {
      List<String> roles = conversation.stream().map(turn -> turn.role().wireName()).toList();
      throw new RecordRejectedException(
          RejectReason.ROLE_ORDER,
          "Turns must be user and assistant by turns, assistant last, after at most one system",
          String.join(" ", roles));
    }
  }

  private static void checkText(int turn, String text) throws RecordRejectedException {
    if (text.isBlank()) {
      throw new RecordRejectedException(
          RejectReason.EMPTY_TEXT, String.format(Locale.ROOT, "Turn %d is empty", turn), text);
    }
    for (int i = 0; i < text.length(); i++) {
      char unit = text.charAt(i);
      boolean isPair =
          Character.isHighSurrogate(unit)
              && i + 1 < text.length()
              && Character.isLowSurrogate(text.charAt(i + 1));
      if (isPair) {
        i++;
      } else if (isUnfit(unit)) {
        throw new RecordRejectedException(
            RejectReason.INVALID_TEXT,
            String.format(Locale.ROOT, "Turn %d holds U+%04X at character %d", turn, (int) unit, i),
            text.substring(0, i));
      }
    }
    Matcher token = SPECIAL_TOKEN.matcher(text);
    if (token.find()) {
      throw new RecordRejectedException(
          RejectReason.SPECIAL_TOKEN,
          String.format(
              Locale.ROOT, "Turn %d holds %s, which a chat template uses", turn, token.group()),
          text.substring(token.start()));
    }
  }

  /** Control characters other than tab and line ends, surrogates, and noncharacters. */
  private static boolean isUnfit(char unit) {
    boolean isControl =
        Character.isISOControl(unit) && unit != '\t' && unit != '\n' && unit != '\r';
    return isControl || Character.isSurrogate(unit) || unit >= 0xFFFE;
  }
}

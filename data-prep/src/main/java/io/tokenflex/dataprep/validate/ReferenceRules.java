package io.tokenflex.dataprep.validate;

import io.tokenflex.dataprep.record.RecordRejectedException;
import io.tokenflex.dataprep.record.RejectReason;
import io.tokenflex.dataprep.record.SourceRecord;
import io.tokenflex.failure.InvalidInputException;
import io.tokenflex.samples.Role;
import io.tokenflex.score.ReferenceList;
import java.util.Locale;

/** Checks on the accepted answers that a record may list. */
final class ReferenceRules {
  private ReferenceRules() {}

  static void check(SourceRecord record) throws RecordRejectedException {
    String references = record.metadata().get(ReferenceList.KEY);
    if (references == null) {
      return;
    }
    try {
      ReferenceList.parse(references);
    } catch (InvalidInputException e) {
      throw new RecordRejectedException(
          RejectReason.MALFORMED_REFERENCES, e.getMessage(), references);
    }
    long numQuestions =
        record.conversation().stream().filter(turn -> turn.role() == Role.USER).count();
    if (numQuestions != 1) {
      throw new RecordRejectedException(
          RejectReason.MALFORMED_REFERENCES,
          String.format(
              Locale.ROOT,
              "%s belong to one question, but the conversation has %d; make a record of each",
              ReferenceList.KEY,
              numQuestions),
          references);
    }
  }
}

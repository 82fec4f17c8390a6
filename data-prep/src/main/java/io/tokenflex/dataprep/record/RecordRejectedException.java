package io.tokenflex.dataprep.record;

/** A record failed a check; carries the columns of the rejects table. */
public final class RecordRejectedException extends Exception {
  private static final long serialVersionUID = 1;
  private static final int MAX_SAMPLE_CHARS = 200;

  private final RejectReason reason;
  private final String valueSample;

  public RecordRejectedException(RejectReason reason, String detail, String value) {
    super(detail);
    this.reason = reason;
    this.valueSample = start(value);
  }

  public RejectReason reason() {
    return reason;
  }

  /** Start of the offending value. */
  public String valueSample() {
    return valueSample;
  }

  private static String start(String value) {
    return value.length() <= MAX_SAMPLE_CHARS ? value : value.substring(0, MAX_SAMPLE_CHARS);
  }
}

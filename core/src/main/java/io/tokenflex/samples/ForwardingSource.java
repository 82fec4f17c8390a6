package io.tokenflex.samples;

import static java.util.Objects.requireNonNull;

import java.io.IOException;
import java.util.List;

/** Base class of decorators: forwards every call to another source. */
public abstract class ForwardingSource implements SampleSource {
  private final SampleSource source;

  /** Forwards to {@code source} and closes it on {@link #close}. */
  protected ForwardingSource(SampleSource source) {
    this.source = requireNonNull(source, "source");
  }

  @Override
  public String fingerprint() {
    return source.fingerprint();
  }

  @Override
  public int numRowGroups() {
    return source.numRowGroups();
  }

  @Override
  public int numRows(int rowGroup) {
    return source.numRows(rowGroup);
  }

  @Override
  public List<Sample> readRowGroup(int rowGroup) throws IOException {
    return source.readRowGroup(rowGroup);
  }

  @Override
  public void close() throws IOException {
    source.close();
  }
}

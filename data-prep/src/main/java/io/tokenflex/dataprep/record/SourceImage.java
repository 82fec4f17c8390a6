package io.tokenflex.dataprep.record;

import java.io.Serializable;

/** An image as a source names or holds it, not yet checked. */
public sealed interface SourceImage extends Serializable {
  /** What people call it: shown in rejects. */
  String name();

  /**
   * A file in the image folder of the input.
   *
   * @param name relative to the image folder
   */
  record Named(String name) implements SourceImage {}

  /**
   * An image whose bytes lie inside the input file.
   *
   * @param bytes the image file
   */
  @SuppressWarnings("ArrayRecordComponent") // never compared, and too large to copy
  record Embedded(String name, byte[] bytes) implements SourceImage {}
}

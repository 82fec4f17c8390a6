package io.tokenflex.dataprep.record;

import java.io.Serializable;

/** An unvalidated image of a record: named or embedded. */
public sealed interface SourceImage extends Serializable {
  /** Its name in the rejects table. */
  String name();

  /**
   * A file in the image folder of the input.
   *
   * @param name relative to the image folder
   */
  record Named(String name) implements SourceImage {}

  /**
   * An image embedded in the input file.
   *
   * @param bytes the image file
   */
  @SuppressWarnings("ArrayRecordComponent") // never compared, and too large to copy
  record Embedded(String name, byte[] bytes) implements SourceImage {}
}

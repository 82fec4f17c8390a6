package io.tokenflex.dataprep.record;

/** Why a record is not in a shard. The names are part of the manifest and the rejects table. */
public enum RejectReason {
  /** The file, or the rest of it from this position on, cannot be parsed. */
  UNREADABLE_FILE,
  /** The line is not JSON, the record is not an object, or its parts are inconsistent. */
  MALFORMED_RECORD,
  /** No {@code id}, or an empty one. */
  MISSING_ID,
  /** An earlier valid record, or a sample in the dataset, has the same {@code id}. */
  DUPLICATE_ID,
  /** Another sample has the same pixels and, if configured, the same conversation. */
  DUPLICATE,
  /** Another sample has similar images. */
  NEAR_DUPLICATE,
  /** No turns. */
  MISSING_CONVERSATION,
  /** A turn's role or text is missing or not a text. */
  MALFORMED_TURN,
  /** A role other than human, user, gpt, assistant, system. */
  UNKNOWN_ROLE,
  /**
   * The turns are not: an optional system turn, then user and assistant alternating, assistant
   * last.
   */
  ROLE_ORDER,
  /** The text of a turn is blank. */
  EMPTY_TEXT,
  /** The total length of all turns exceeds the limit. */
  TEXT_TOO_LONG,
  /** A text contains a control character, a lone surrogate or a noncharacter. */
  INVALID_TEXT,
  /**
   * A text contains something like a special token of a chat template, which could forge a turn.
   */
  SPECIAL_TOKEN,
  /** The image field is not in a form that the format supports. */
  MALFORMED_IMAGE_FIELD,
  /** The number of image marks differs from the number of images. */
  IMAGE_MARK_MISMATCH,
  /** An answer contains an image mark. */
  IMAGE_MARK_IN_ANSWER,
  /** The accepted answers are no list of texts, or belong to more than one question. */
  MALFORMED_REFERENCES,
  /** The image name is outside the image folder. */
  IMAGE_OUTSIDE_FOLDER,
  /** The image file does not exist. */
  IMAGE_MISSING,
  /** The image file exceeds the size limit. */
  IMAGE_FILE_TOO_LARGE,
  /** The file is not an image. */
  IMAGE_NOT_AN_IMAGE,
  /** The image file is truncated or corrupt. */
  IMAGE_DAMAGED,
  /** The image has more pixels, or a longer side, than the limit. */
  IMAGE_TOO_LARGE,
  /** A side of the image is shorter than the limit. */
  IMAGE_TOO_SMALL,
  /** The aspect ratio of the image exceeds the limit. */
  IMAGE_TOO_ELONGATED,
  /** An image of an unsupported variant. */
  IMAGE_UNSUPPORTED
}

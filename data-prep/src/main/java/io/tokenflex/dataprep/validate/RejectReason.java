package io.tokenflex.dataprep.validate;

/** Why a record is not in a shard. The names are part of the manifest and the rejects table. */
public enum RejectReason {
  /** The line is not JSON, or the record is not an object. */
  MALFORMED_RECORD,
  /** No {@code id}, or an empty one. */
  MISSING_ID,
  /** An earlier valid record has the same {@code id}. */
  DUPLICATE_ID,
  /** No turns at all. */
  MISSING_CONVERSATION,
  /** A turn is not an object with the texts {@code from} and {@code value}. */
  MALFORMED_TURN,
  /** {@code from} is none of human, user, gpt, assistant, system. */
  UNKNOWN_ROLE,
  /** The turns are not: perhaps one system, then user and assistant by turns, assistant last. */
  ROLE_ORDER,
  /** A turn says nothing. */
  EMPTY_TEXT,
  /** All turns together are longer than the limit. */
  TEXT_TOO_LONG,
  /** A text holds a NUL or half of a surrogate pair, which UTF-8 cannot store. */
  INVALID_TEXT,
  /** A text holds something like a chat template's own token and could forge a turn. */
  SPECIAL_TOKEN,
  /** {@code image} is neither a name nor a list of names. */
  MALFORMED_IMAGE_FIELD,
  /** The number of image marks is not the number of images. */
  IMAGE_MARK_MISMATCH,
  /** An image mark stands in an answer. */
  IMAGE_MARK_IN_ANSWER,
  /** The image name leads out of the image folder. */
  IMAGE_OUTSIDE_FOLDER,
  /** There is no such image file. */
  IMAGE_MISSING,
  /** The image file has more bytes than the limit. */
  IMAGE_FILE_TOO_LARGE,
  /** The file holds something else than an image. */
  IMAGE_NOT_AN_IMAGE,
  /** The image file is cut off or altered. */
  IMAGE_DAMAGED,
  /** The image has more pixels than the limit. */
  IMAGE_TOO_MANY_PIXELS,
  /** An image of a kind that cannot be decoded here. */
  IMAGE_UNSUPPORTED
}

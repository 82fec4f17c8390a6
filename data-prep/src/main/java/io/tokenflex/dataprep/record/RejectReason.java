package io.tokenflex.dataprep.record;

/** Why a record is not in a shard. The names are part of the manifest and the rejects table. */
public enum RejectReason {
  /** The file, or the rest of it from this position on, cannot be read as what it should be. */
  UNREADABLE_FILE,
  /** The line is not JSON, the record is not an object, or its parts do not fit together. */
  MALFORMED_RECORD,
  /** No {@code id}, or an empty one. */
  MISSING_ID,
  /** An earlier valid record, or another one in the dataset, has the same {@code id}. */
  DUPLICATE_ID,
  /** Another sample has the same pixels and, if the settings say so, the same conversation. */
  DUPLICATE,
  /** Another sample looks nearly the same. */
  NEAR_DUPLICATE,
  /** No turns at all. */
  MISSING_CONVERSATION,
  /** A turn lacks its role or text, or they are not texts. */
  MALFORMED_TURN,
  /** A turn's role is none of human, user, gpt, assistant, system. */
  UNKNOWN_ROLE,
  /** The turns are not: perhaps one system, then user and assistant by turns, assistant last. */
  ROLE_ORDER,
  /** A turn says nothing. */
  EMPTY_TEXT,
  /** All turns together are longer than the limit. */
  TEXT_TOO_LONG,
  /** A text holds a control character, half of a surrogate pair or what is no character. */
  INVALID_TEXT,
  /** A text holds something like a chat template's own token and could forge a turn. */
  SPECIAL_TOKEN,
  /** An image is neither named nor held in a way that the format has. */
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
  /** The image has more pixels, or a longer side, than the limit. */
  IMAGE_TOO_LARGE,
  /** A side of the image is shorter than the limit. */
  IMAGE_TOO_SMALL,
  /** The image's longer side is too many times the shorter one. */
  IMAGE_TOO_ELONGATED,
  /** An image of a kind that cannot be decoded here. */
  IMAGE_UNSUPPORTED
}

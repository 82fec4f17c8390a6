package io.tokenflex.dataprep.dedup;

import java.io.Serializable;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;

/**
 * Key of samples with the same near duplicates: perceptual hashes of the images and, if
 * conversations are compared, the conversation.
 *
 * @param conversation digest; empty if conversations are not compared
 */
record Look(List<Long> hashes, String conversation) implements Serializable {
  private static final long serialVersionUID = 1;

  private static final int HEX_DIGITS = 16;

  static Look of(Fingerprint fingerprint, DedupConfig.Scope scope) {
    return new Look(
        fingerprint.images().stream().map(ImageFingerprint::perceptualHash).toList(),
        scope == DedupConfig.Scope.SAMPLE ? fingerprint.conversationDigest() : "");
  }

  /** Text form, see {@link #parse}. */
  String name() {
    StringBuilder name = new StringBuilder();
    hashes.forEach(hash -> name.append(HexFormat.of().toHexDigits(hash)));
    return name.append('|').append(conversation).toString();
  }

  static Look parse(String name) {
    int end = name.indexOf('|');
    List<Long> hashes = new ArrayList<>();
    for (int at = 0; at < end; at += HEX_DIGITS) {
      hashes.add(Long.parseUnsignedLong(name, at, at + HEX_DIGITS, 16));
    }
    return new Look(hashes, name.substring(end + 1));
  }
}

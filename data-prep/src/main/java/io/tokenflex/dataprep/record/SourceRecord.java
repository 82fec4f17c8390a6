package io.tokenflex.dataprep.record;

import io.tokenflex.samples.Turn;
import java.io.Serializable;
import java.util.List;
import java.util.Map;

/**
 * A well-formed record of any source format, not yet validated.
 *
 * @param id of the source; empty if it has none
 * @param images in the order of their {@code <image>} marks
 * @param conversation in a valid record, with one mark per image
 * @param metadata all other fields that are texts, numbers or booleans
 */
public record SourceRecord(
    String id, List<SourceImage> images, List<Turn> conversation, Map<String, String> metadata)
    implements Serializable {
  public SourceRecord {
    images = List.copyOf(images);
    conversation = List.copyOf(conversation);
    metadata = Map.copyOf(metadata);
  }
}

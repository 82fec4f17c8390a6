package io.tokenflex.dataprep.record;

import io.tokenflex.samples.Turn;
import java.io.Serializable;
import java.util.List;
import java.util.Map;

/**
 * A record of any source format, understood in form but not checked.
 *
 * @param id as the source gives it; empty if it gives none
 * @param images in the order of their {@code <image>} marks
 * @param conversation with as many marks as images, if the record is right
 * @param metadata every other field that holds a text, number or truth value
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

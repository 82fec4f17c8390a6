package io.tokenflex.dataprep.prepare;

import io.tokenflex.dataprep.dataset.Manifest;
import io.tokenflex.dataprep.input.InputConfig;
import io.tokenflex.dataprep.record.RejectReason;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;

/** Error message for a run with too many rejects: counts, reasons, and a fix for each reason. */
final class RejectsMessage {
  private static final int MOST_PATHS = 3;
  private static final Set<String> OF_IMAGE_NAMES =
      Set.of(RejectReason.IMAGE_MISSING.name(), RejectReason.IMAGE_OUTSIDE_FOLDER.name());

  private RejectsMessage() {}

  /**
   * Builds the message.
   *
   * @param numUnread estimated number of records in unreadable parts
   * @param firstByReason description of the first reject of each reason
   */
  static String of(
      PrepareConfig config,
      Manifest.Run counts,
      double numUnread,
      Map<String, String> firstByReason) {
    if (counts.inputRows() == 0) {
      return paths(config) + " holds no records; give files that do";
    }
    List<String> parts = new ArrayList<>();
    parts.add(
        String.format(
            Locale.ROOT,
            "%d of %d records of %s were rejected%s; prepare.maxRejectFraction allows %s of them",
            counts.numRejects(),
            counts.inputRows(),
            paths(config),
            unread(numUnread),
            config.settings().maxRejectFraction()));
    Map<String, Long> rejects = new TreeMap<>(counts.rejects());
    rejects.forEach(
        (reason, count) ->
            parts.add(
                String.format(
                    Locale.ROOT,
                    "%s %d, the first is %s",
                    reason,
                    count,
                    firstByReason.getOrDefault(reason, "not known"))));
    parts.add("Mend the input" + remedies(rejects) + ", or raise maxRejectFraction");
    return String.join(". ", parts);
  }

  private static String unread(double numUnread) {
    if (numUnread == 0) {
      return "";
    }
    return Double.isInfinite(numUnread)
        ? ", and how many more the damaged files held cannot be told"
        : String.format(
            Locale.ROOT, ", and about %.0f more cannot be read", Math.max(1, numUnread));
  }

  private static String remedies(Map<String, Long> rejects) {
    StringBuilder remedies = new StringBuilder();
    if (rejects.keySet().stream().anyMatch(OF_IMAGE_NAMES::contains)) {
      remedies.append(" or its imageFolder");
    }
    if (rejects.containsKey(RejectReason.DUPLICATE_ID.name())) {
      remedies.append(", set prepare.duplicateIds = number to keep records that share an id");
    }
    return remedies.toString();
  }

  private static String paths(PrepareConfig config) {
    List<String> paths = config.inputs().stream().map(InputConfig::path).toList();
    String first = String.join(", ", paths.subList(0, Math.min(MOST_PATHS, paths.size())));
    int more = paths.size() - MOST_PATHS;
    return more > 0 ? first + " and " + more + " more" : first;
  }
}

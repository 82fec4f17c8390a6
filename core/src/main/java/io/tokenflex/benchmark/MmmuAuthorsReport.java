package io.tokenflex.benchmark;

import io.tokenflex.failure.InvalidInputException;
import io.tokenflex.python.PythonNumbers;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * MMMU by its authors: the share of right rows of each subject, each of six domains and overall,
 * rounded to five digits; over rows, not over subjects. A domain without rows is 0.
 */
public final class MmmuAuthorsReport {
  private static final int DECIMALS = 5;
  private static final Pattern ID = Pattern.compile("[^_]*_(.+?)_[0-9]+");
  private static final Map<String, List<String>> DOMAINS = new LinkedHashMap<>();

  static {
    DOMAINS.put("Art and Design", List.of("Art", "Art_Theory", "Design", "Music"));
    DOMAINS.put("Business", List.of("Accounting", "Economics", "Finance", "Manage", "Marketing"));
    DOMAINS.put("Science", List.of("Biology", "Chemistry", "Geography", "Math", "Physics"));
    DOMAINS.put(
        "Health and Medicine",
        List.of(
            "Basic_Medical_Science",
            "Clinical_Medicine",
            "Diagnostics_and_Laboratory_Medicine",
            "Pharmacy",
            "Public_Health"));
    DOMAINS.put(
        "Humanities and Social Science",
        List.of("History", "Literature", "Sociology", "Psychology"));
    DOMAINS.put(
        "Tech and Engineering",
        List.of(
            "Agriculture",
            "Architecture_and_Engineering",
            "Computer_Science",
            "Electronics",
            "Energy_and_Power",
            "Materials",
            "Mechanical_Engineering"));
  }

  private MmmuAuthorsReport() {}

  /**
   * The report; the index of a row is split, subject and number, as {@code validation_Art_1}.
   *
   * @throws InvalidInputException if an index is of another form
   */
  public static ReportTable of(List<ScoredRow> rows) {
    Map<String, List<ScoredRow>> bySubject = new LinkedHashMap<>();
    for (ScoredRow row : rows) {
      bySubject.computeIfAbsent(subject(row.index()), subject -> new ArrayList<>()).add(row);
    }
    Map<String, Double> numbers = new LinkedHashMap<>();
    numbers.put("Overall", share(rows));
    DOMAINS.forEach(
        (domain, subjects) ->
            numbers.put(
                "Overall-" + domain,
                share(
                    subjects.stream()
                        .flatMap(subject -> bySubject.getOrDefault(subject, List.of()).stream())
                        .toList())));
    bySubject.forEach(
        (subject, of) -> {
          if (DOMAINS.values().stream().anyMatch(subjects -> subjects.contains(subject))) {
            numbers.put(subject, share(of));
          }
        });
    return ReportTable.of("subject", numbers);
  }

  private static double share(List<ScoredRow> rows) {
    double mean = Means.ofScores(rows);
    return Double.isNaN(mean) ? 0 : PythonNumbers.round(mean, DECIMALS);
  }

  private static String subject(String index) {
    Matcher id = ID.matcher(index);
    if (!id.matches()) {
      throw new InvalidInputException(
          "MMMU: index '" + index + "'; expected split, subject and number as validation_Art_1");
    }
    return id.group(1);
  }
}

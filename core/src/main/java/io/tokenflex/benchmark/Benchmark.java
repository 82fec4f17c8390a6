package io.tokenflex.benchmark;

import io.tokenflex.failure.InvalidInputException;
import io.tokenflex.python.PythonText;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * A public benchmark.
 *
 * @param name as VLMEvalKit calls its table, for instance {@code MMBench_DEV_EN_V11}
 */
public record Benchmark(String name, Family family) {
  /** Parts of names in lower case that stand for circular evaluation. */
  private static final List<String> CIRCULAR = List.of("mmbench", "ccbench", "circular", "mmcr");

  /** Parts of names, the first that fits decides. */
  private static final Map<String, Family> FAMILIES = new LinkedHashMap<>();

  static {
    FAMILIES.put("MMMU", Family.MMMU);
    FAMILIES.put("MMStar", Family.CHOICE);
    FAMILIES.put("AI2D", Family.CHOICE);
    FAMILIES.put("ScienceQA", Family.CHOICE);
    FAMILIES.put("SEEDBench", Family.CHOICE);
    FAMILIES.put("RealWorldQA", Family.CHOICE);
    FAMILIES.put("HallusionBench", Family.HALLUSION_BENCH);
    FAMILIES.put("POPE", Family.POPE);
    FAMILIES.put("AMBER", Family.YES_NO);
    FAMILIES.put("MME", Family.MME);
    FAMILIES.put("TextVQA", Family.VQA);
    FAMILIES.put("VQAv2", Family.VQA);
    FAMILIES.put("OCRVQA", Family.EXACT);
    FAMILIES.put("GQA", Family.EXACT);
    FAMILIES.put("DocVQA", Family.ANLS);
    FAMILIES.put("InfoVQA", Family.ANLS);
    FAMILIES.put("ChartQA", Family.CHART_QA);
    FAMILIES.put("OCRBench", Family.OCR_BENCH);
    FAMILIES.put("MathVista", Family.MATH_VISTA);
    FAMILIES.put("MMVet", Family.MM_VET);
    FAMILIES.put("COCO", Family.CAPTION);
  }

  /**
   * The benchmark that a name stands for, by parts of it as VLMEvalKit does.
   *
   * @throws InvalidInputException if none is known
   */
  public static Benchmark named(String name) {
    String lower = PythonText.lower(name);
    if (CIRCULAR.stream().anyMatch(lower::contains)) {
      return new Benchmark(name, Family.CIRCULAR);
    }
    return FAMILIES.entrySet().stream()
        .filter(entry -> name.contains(entry.getKey()))
        .findFirst()
        .map(entry -> new Benchmark(name, entry.getValue()))
        .orElseThrow(
            () ->
                new InvalidInputException(
                    "Benchmark '"
                        + name
                        + "' is not known; expected a name that contains MMBench or one of "
                        + FAMILIES.keySet()));
  }

  /** Names by which tables are published, and the parts of names that decide. */
  public static List<String> names() {
    List<String> names = new ArrayList<>(FAMILIES.keySet());
    names.add("MMBench");
    names.addAll(
        List.of(
            "MMBench_DEV_EN_V11",
            "MMBench_DEV_CN_V11",
            "MMMU_DEV_VAL",
            "AI2D_TEST",
            "MathVista_MINI",
            "TextVQA_VAL",
            "DocVQA_VAL",
            "InfoVQA_VAL",
            "ChartQA_TEST",
            "ScienceQA_TEST",
            "COCO_VAL"));
    return names;
  }

  /** The same table with every row for itself, if it is one of circular evaluation. */
  public Benchmark withoutRotations() {
    return family == Family.CIRCULAR ? new Benchmark(name, Family.CHOICE) : this;
  }

  /** What it asks for. */
  public QuestionKind kind() {
    return family.kind();
  }
}

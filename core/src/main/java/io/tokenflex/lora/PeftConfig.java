package io.tokenflex.lora;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.SerializationFeature;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.tokenflex.failure.Expect;
import io.tokenflex.failure.InvalidInputException;
import io.tokenflex.json.PythonJson;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;
import java.util.function.Predicate;
import java.util.regex.Pattern;
import java.util.regex.PatternSyntaxException;

/**
 * {@code adapter_config.json} of a LoRA adapter, as PEFT's {@code LoraConfig}.
 *
 * @param rank {@code r}
 * @param alpha {@code lora_alpha}
 * @param useRslora whether the scale is alpha / sqrt(rank) (Kalajdzievski 2023, arXiv 2312.03732)
 *     instead of alpha / rank
 * @param targets {@code target_modules} if it is a list; empty if it is a pattern, because the
 *     adapter's tensors name the modules
 * @param modulesToSave modules trained in full
 * @param ranks {@code rank_pattern}: ranks of modules whose path ends with the key, a regular
 *     expression; the first match wins
 * @param alphas {@code alpha_pattern}, matched likewise
 */
public record PeftConfig(
    int rank,
    double alpha,
    boolean useRslora,
    List<String> targets,
    List<String> modulesToSave,
    Map<String, Integer> ranks,
    Map<String, Double> alphas) {
  public static final String FILE_NAME = "adapter_config.json";

  private static final ObjectMapper JSON =
      new ObjectMapper()
          .enable(SerializationFeature.INDENT_OUTPUT)
          .enable(SerializationFeature.ORDER_MAP_ENTRIES_BY_KEYS);

  /** Options that change the computation; each must be absent, null, false, empty or "none". */
  private static final List<String> UNSUPPORTED =
      List.of(
          "alora_invocation_tokens",
          "arrow_config",
          "bias",
          "fan_in_fan_out",
          "kasa_config",
          "layer_replication",
          "lora_bias",
          "monteclora_config",
          "target_parameters",
          "trainable_token_indices",
          "use_bdlora",
          "use_dora",
          "use_qalora",
          "velora_config");

  /** Values of {@code init_lora_weights} that leave the base weights unchanged. */
  private static final Set<String> STARTS = Set.of("true", "false", "gaussian", "null", "");

  public PeftConfig {
    targets = List.copyOf(targets);
    modulesToSave = List.copyOf(modulesToSave);
    ranks = Collections.unmodifiableMap(new LinkedHashMap<>(ranks)); // keeps the file's order
    alphas = Collections.unmodifiableMap(new LinkedHashMap<>(alphas));
    Expect.atLeastOne("rank", rank);
    if (!(alpha > 0) || Double.isInfinite(alpha)) {
      throw new InvalidInputException("alpha is " + alpha + "; it must be above 0");
    }
  }

  /** A configuration with the same rank and alpha for all modules. */
  public PeftConfig(
      int rank, double alpha, boolean useRslora, List<String> targets, List<String> modulesToSave) {
    this(rank, alpha, useRslora, targets, modulesToSave, Map.of(), Map.of());
  }

  /** Scale of B A where no pattern applies. */
  public double scale() {
    return scale(rank, alpha);
  }

  /** Whether all modules have the same rank and alpha. */
  public boolean isUniform() {
    return ranks.isEmpty() && alphas.isEmpty();
  }

  /** The rank of a module. */
  int rank(String module) {
    return first(ranks, module).orElse(rank);
  }

  /** Scale of a module's B A. */
  double scale(String module) {
    return scale(rank(module), first(alphas, module).orElse(alpha));
  }

  private double scale(int r, double a) {
    return a / (useRslora ? Math.sqrt(r) : r);
  }

  private static <T> Optional<T> first(Map<String, T> patterns, String module) {
    return patterns.entrySet().stream()
        .filter(entry -> Pattern.matches("(.*\\.)?(" + entry.getKey() + ")", module))
        .map(Map.Entry::getValue)
        .findFirst();
  }

  /**
   * Parses the file.
   *
   * @param place the file's name, for messages
   * @throws IOException if it is not valid JSON
   * @throws IllegalArgumentException naming everything that is unsupported
   */
  public static PeftConfig read(byte[] json, String place) throws IOException {
    JsonNode root = PythonJson.read(json, place);
    List<String> problems = new ArrayList<>();
    if (!root.path("peft_type").asText().equals("LORA")) {
      problems.add("peft_type is %s; expected LORA".formatted(root.path("peft_type")));
    }
    for (String key : UNSUPPORTED) {
      JsonNode value = root.path(key);
      boolean isOff =
          value.isContainerNode()
              ? value.isEmpty()
              : Set.of("", "null", "false", "none").contains(value.asText());
      if (!isOff) {
        problems.add("%s is %s; that is not supported".formatted(key, value));
      }
    }
    if (!STARTS.contains(root.path("init_lora_weights").asText())) {
      problems.add(
          "init_lora_weights is %s, which changes the base; convert the adapter with PEFT's path_initial_model_for_weight_conversion"
              .formatted(root.path("init_lora_weights")));
    }
    if (!root.path("r").isInt() || !root.path("lora_alpha").isNumber()) {
      problems.add(
          "r is %s and lora_alpha is %s; expected numbers"
              .formatted(root.path("r"), root.path("lora_alpha")));
    }
    Map<String, JsonNode> ranks = patterns(root, "rank_pattern", JsonNode::isInt, problems);
    Map<String, JsonNode> alphas = patterns(root, "alpha_pattern", JsonNode::isNumber, problems);
    if (!problems.isEmpty()) {
      throw new InvalidInputException(place + ": " + String.join("; ", problems));
    }
    return new PeftConfig(
        root.path("r").intValue(),
        root.path("lora_alpha").doubleValue(),
        root.path("use_rslora").asBoolean(false),
        strings(root.path("target_modules")),
        strings(root.path("modules_to_save")),
        values(ranks, JsonNode::intValue),
        values(alphas, JsonNode::doubleValue));
  }

  private static Map<String, JsonNode> patterns(
      JsonNode root, String key, Predicate<JsonNode> isValue, List<String> problems) {
    Map<String, JsonNode> patterns = new LinkedHashMap<>();
    for (Map.Entry<String, JsonNode> entry : root.path(key).properties()) {
      patterns.put(entry.getKey(), entry.getValue());
      boolean isPositive = isValue.test(entry.getValue()) && entry.getValue().doubleValue() > 0;
      if (!isPattern(entry.getKey()) || !isPositive) {
        problems.add(
            key + " has " + entry + "; expected the end of a module's path and a number above 0");
      }
    }
    return patterns;
  }

  private static boolean isPattern(String text) {
    try {
      return !Pattern.compile(text).pattern().isEmpty();
    } catch (PatternSyntaxException e) {
      return false;
    }
  }

  private static <T> Map<String, T> values(
      Map<String, JsonNode> patterns, Function<JsonNode, T> value) {
    Map<String, T> values = new LinkedHashMap<>();
    patterns.forEach((pattern, node) -> values.put(pattern, value.apply(node)));
    return values;
  }

  private static List<String> strings(JsonNode list) {
    List<String> strings = new ArrayList<>();
    if (list.isArray()) {
      list.forEach(element -> strings.add(element.asText()));
    }
    return strings;
  }

  /** Serializes the file. */
  public byte[] write() throws IOException {
    ObjectNode root = JSON.createObjectNode();
    root.put("peft_type", "LORA");
    root.put("task_type", "CAUSAL_LM");
    root.putNull("base_model_name_or_path"); // the base model is exported separately
    root.put("inference_mode", true);
    root.put("r", rank);
    if (alpha == Math.rint(alpha)) {
      root.put("lora_alpha", (long) alpha); // an integer, as PEFT writes it
    } else {
      root.put("lora_alpha", alpha);
    }
    root.put("use_rslora", useRslora);
    root.put("lora_dropout", 0.0);
    root.put("bias", "none");
    root.put("fan_in_fan_out", false);
    root.put("init_lora_weights", true);
    targets.forEach(root.putArray("target_modules")::add);
    if (modulesToSave.isEmpty()) {
      root.putNull("modules_to_save");
    } else {
      modulesToSave.forEach(root.putArray("modules_to_save")::add);
    }
    return JSON.writeValueAsBytes(JSON.convertValue(root, Map.class)); // sorted keys
  }
}

package io.tokenflex.lora;

import static java.util.Objects.requireNonNull;

import io.tokenflex.failure.InvalidInputException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * LoRA settings of a run; dropout is not supported. With {@code adapter}, all other settings are
 * optional and default to the adapter's; explicit ones must equal them.
 *
 * @param rank rank of the adapters
 * @param alpha the scale is alpha / rank, or alpha / sqrt(rank) with {@code useRslora}
 * @param targets PEFT's {@code target_modules}: suffixes of the module paths of linear layers in
 *     the exported model, such as {@code q_proj}, or {@link LoraLayout#ALL_LINEAR} alone
 * @param useRslora rank-stabilized scaling; default false
 * @param modulesToSave PEFT's {@code modules_to_save}: modules trained in full, such as {@code
 *     projector}; default none
 * @param adapter folder of an adapter to continue training
 */
public record LoraConfig(
    Optional<Integer> rank,
    Optional<Double> alpha,
    Optional<List<String>> targets,
    Optional<Boolean> useRslora,
    Optional<List<String>> modulesToSave,
    Optional<String> adapter) {
  public LoraConfig {
    requireNonNull(adapter, "adapter");
    targets = targets.map(List::copyOf);
    modulesToSave = modulesToSave.map(List::copyOf);
    if (adapter.isEmpty()) {
      resolved(rank, alpha, targets, useRslora, modulesToSave);
    }
  }

  private static PeftConfig resolved(
      Optional<Integer> rank,
      Optional<Double> alpha,
      Optional<List<String>> targets,
      Optional<Boolean> useRslora,
      Optional<List<String>> modulesToSave) {
    require("rank", "16", rank);
    require("alpha", "32", alpha);
    require("targets", "[q_proj, v_proj]", targets);
    if (targets.get().isEmpty()) {
      throw new InvalidInputException(
          "targets is empty; name linear layers, for instance [q_proj, v_proj] or ["
              + LoraLayout.ALL_LINEAR
              + "]");
    }
    return new PeftConfig(
        rank.get(),
        alpha.get(),
        useRslora.orElse(false),
        targets.get(),
        modulesToSave.orElse(List.of()));
  }

  private static void require(String key, String example, Optional<?> value) {
    if (value.isEmpty()) {
      throw new InvalidInputException(
          "%s is missing; give one, for instance %s = %s, or an adapter to go on with"
              .formatted(key, key, example));
    }
  }

  /**
   * The effective settings.
   *
   * @param start the adapter read from {@link #adapter}
   * @throws IllegalArgumentException naming all settings that differ from the adapter's
   */
  public PeftConfig resolve(Optional<PeftAdapter> start) {
    if (adapter.isEmpty()) {
      return resolved(rank, alpha, targets, useRslora, modulesToSave);
    }
    PeftAdapter given =
        start.orElseThrow(
            () -> new InvalidInputException("lora.adapter " + adapter.get() + " was not read"));
    PeftConfig has = given.config();
    List<String> differences = new ArrayList<>();
    if (!has.isUniform()) {
      differences.add(
          "it has rank_pattern or alpha_pattern, training has one rank and alpha; merge it with import --adapter");
    }
    compare(differences, "rank", rank, has.rank());
    compare(differences, "alpha", alpha, has.alpha());
    compare(differences, "useRslora", useRslora, has.useRslora());
    compare(differences, "modulesToSave", modulesToSave, has.modulesToSave());
    if (!differences.isEmpty()) {
      throw new InvalidInputException(
          "train.lora does not agree with the adapter %s: %s; leave these keys out"
              .formatted(given, String.join("; ", differences)));
    }
    // The adapter's tensors name its layers exactly; target_modules may be a pattern.
    List<String> modules = List.copyOf(given.modules());
    return new PeftConfig(
        has.rank(), has.alpha(), has.useRslora(), targets.orElse(modules), has.modulesToSave());
  }

  private static void compare(
      List<String> differences, String key, Optional<?> said, Object adapters) {
    if (said.isPresent() && !said.get().equals(adapters)) {
      differences.add("%s is %s, the adapter's is %s".formatted(key, said.get(), adapters));
    }
  }
}

package io.tokenflex.lora;

import io.tokenflex.failure.InvalidInputException;
import io.tokenflex.model.ModelConfig;
import io.tokenflex.model.ParameterSpec;
import io.tokenflex.model.Segment;
import io.tokenflex.model.TokenFlexModel;
import io.tokenflex.names.ExportedNames;
import java.io.IOException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.Predicate;
import java.util.stream.Collectors;

/** Resolves LoRA settings to the layers and modules of a model that are trained. */
public final class LoraLayout {
  /** Target that selects all linear layers except the LM head. */
  public static final String ALL_LINEAR = "all-linear";

  private static final String WEIGHT = ".weight";

  private final PeftConfig config;
  private final ExportedNames names;

  /** Module paths of linear layers in the exported model, with our names of their weights. */
  private final Map<String, String> linear = new LinkedHashMap<>();

  /** Paths of all modules in the exported model. */
  private final Set<String> modules = new TreeSet<>();

  private final Map<String, String> adapted = new TreeMap<>();
  private final Set<String> savedSegments = new LinkedHashSet<>();

  /**
   * Resolves targets and modules to save.
   *
   * @param start an adapter whose layers must equal the resolved ones
   * @param frozen whether a segment, given by name, is frozen
   * @throws IllegalArgumentException if an entry matches no module, or one that cannot be trained
   *     in that way
   */
  public LoraLayout(
      ModelConfig model, PeftConfig config, Optional<PeftAdapter> start, Predicate<String> frozen) {
    this.names = new ExportedNames(model);
    Map<String, List<ParameterSpec>> segments = TokenFlexModel.segmentSpecs(model);
    segments.values().stream().flatMap(List::stream).forEach(this::addModule);
    addSaved(model, segments, config.modulesToSave(), frozen);
    Map<String, String> matched = new TreeMap<>();
    config.targets().forEach(target -> matched.putAll(matching(target)));
    // As in PEFT, modules trained in full get no adapters.
    matched.values().removeAll(parameters(segments, savedSegments::contains));
    adapted.putAll(matched);
    adapted.values().removeAll(parameters(segments, frozen));
    if (adapted.isEmpty()) {
      throw new InvalidInputException(
          "train.lora.targets = %s match only layers that train.freeze freezes or that modulesToSave trains in full"
              .formatted(config.targets()));
    }
    start.ifPresent(this::checkSameLayers);
    boolean asSaid = adapted.equals(matched) && !config.targets().contains(ALL_LINEAR);
    this.config =
        new PeftConfig(
            config.rank(),
            config.alpha(),
            config.useRslora(),
            asSaid ? config.targets() : List.copyOf(adapted.keySet()),
            config.modulesToSave());
  }

  private static Set<String> parameters(
      Map<String, List<ParameterSpec>> segments, Predicate<String> ofSegments) {
    return segments.entrySet().stream()
        .filter(segment -> ofSegments.test(segment.getKey()))
        .flatMap(segment -> segment.getValue().stream())
        .map(ParameterSpec::name)
        .collect(Collectors.toSet());
  }

  private void addModule(ParameterSpec spec) {
    String exported = names.exported(spec.name());
    String path = exported;
    while (path.contains(".")) {
      path = path.substring(0, path.lastIndexOf('.'));
      modules.add(path);
    }
    if (spec.isLinear()) {
      linear.put(exported.substring(0, exported.length() - WEIGHT.length()), spec.name());
    }
  }

  private Map<String, String> matching(String target) {
    if (target.equals(ALL_LINEAR)) {
      return linear;
    }
    Map<String, String> matched = new TreeMap<>();
    for (String module : modules) {
      if (isNamed(module, target)) {
        if (!linear.containsKey(module)) {
          throw new InvalidInputException(
              "train.lora.targets: %s is the module %s, which is no linear layer that takes an adapter; choose from %s"
                  .formatted(target, module, linearNames()));
        }
        matched.put(module, linear.get(module));
      }
    }
    if (matched.isEmpty()) {
      throw new InvalidInputException(
          "train.lora.targets: %s is the name or the end of the path of no module; linear layers are %s"
              .formatted(target, linearNames()));
    }
    return matched;
  }

  private Set<String> linearNames() {
    Set<String> ends = new TreeSet<>();
    linear.keySet().forEach(path -> ends.add(path.substring(path.lastIndexOf('.') + 1)));
    return ends;
  }

  private static boolean isNamed(String module, String target) {
    return module.equals(target) || module.endsWith("." + target);
  }

  private void addSaved(
      ModelConfig model,
      Map<String, List<ParameterSpec>> segments,
      List<String> modulesToSave,
      Predicate<String> frozen) {
    Set<String> roots = new TreeSet<>();
    for (String entry : modulesToSave) {
      // As in PEFT, modules_to_save matches any suffix of a path, even within a name.
      List<String> found = modules.stream().filter(module -> module.endsWith(entry)).toList();
      if (found.isEmpty() || !found.stream().allMatch(module -> isNamed(module, entry))) {
        throw new InvalidInputException(
            "train.lora.modulesToSave: %s is %s; give the path of a module, for instance projector"
                .formatted(
                    entry, found.isEmpty() ? "no module" : "the end of " + found.get(0) + " too"));
      }
      roots.addAll(found);
    }
    for (String root : roots) {
      if (roots.stream().anyMatch(other -> other.startsWith(root + "."))) {
        throw new InvalidInputException(
            "train.lora.modulesToSave: %s lies around others of %s; give a longer path"
                .formatted(root, roots));
      }
    }
    segments.forEach(
        (name, specs) -> {
          List<String> saved = new ArrayList<>();
          List<String> others = new ArrayList<>();
          for (ParameterSpec spec : specs) {
            String path = names.exported(spec.name());
            boolean isSaved = roots.stream().anyMatch(root -> path.startsWith(root + "."));
            (isSaved ? saved : others).add(path);
          }
          if (saved.isEmpty()) {
            return;
          }
          if (!others.isEmpty()) {
            throw new InvalidInputException(
                "train.lora.modulesToSave: %s trains only together with %s; name them too, or none"
                    .formatted(saved, others));
          }
          if (frozen.test(name)) {
            throw new InvalidInputException(
                "train.lora.modulesToSave trains %s, which train.freeze freezes; remove one"
                    .formatted(name));
          }
          if (model.language().tieWordEmbeddings() && name.endsWith("embed_tokens")) {
            throw new InvalidInputException(
                "train.lora.modulesToSave: the LM head of this model is "
                    + name
                    + ", and PEFT would train it apart; leave it out");
          }
          savedSegments.add(name);
        });
  }

  private void checkSameLayers(PeftAdapter start) {
    Set<String> only = new TreeSet<>(start.modules());
    only.removeAll(adapted.keySet());
    Set<String> missing = new TreeSet<>(adapted.keySet());
    missing.removeAll(start.modules());
    if (!only.isEmpty() || !missing.isEmpty()) {
      throw new InvalidInputException(
          "train.lora.adapter %s has other layers than targets and freeze say: %s only the adapter, %s only these; leave targets out"
              .formatted(start, only, missing));
    }
  }

  /** The settings with targets that match exactly the adapted layers. */
  public PeftConfig config() {
    return config;
  }

  /** The content of {@code adapter_config.json}. */
  public byte[] configJson() throws IOException {
    return config.write();
  }

  /** Module paths of the adapted layers in the exported model, with our names of their weights. */
  public Map<String, String> adapted() {
    return Map.copyOf(adapted);
  }

  /** Adds zero adapters to a model; only they and the modules to save are trained. */
  public void enableTraining(TokenFlexModel model) {
    model.addAdapters(new TreeSet<>(adapted.values()), config.rank(), config.scale());
    model.parameters().segments().stream()
        .filter(segment -> savedSegments.contains(segment.name()))
        .forEach(Segment::enableTraining);
  }

  /** The settings that a resumed run must keep, as readable text. */
  @Override
  public String toString() {
    return String.format(
        Locale.ROOT,
        "LoRA of rank %d, scale %s, on %d layers %s",
        config.rank(),
        config.scale(),
        adapted.size(),
        Integer.toHexString(adapted.keySet().hashCode()));
  }
}

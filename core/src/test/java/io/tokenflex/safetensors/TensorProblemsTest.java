package io.tokenflex.safetensors;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

class TensorProblemsTest {
  private static final List<String> BEGINNINGS =
      List.of("", "vision_model.", "model.", "base_model.model.", "a.b.c.", "layers.");

  @Test
  void namesThatDifferInTheirBeginningAreSaidOnceWhateverTheBeginningsAre() {
    for (int seed = 0; seed < 200; seed++) {
      Random random = new Random(seed);
      String found = BEGINNINGS.get(random.nextInt(BEGINNINGS.size()));
      String expected = BEGINNINGS.get(random.nextInt(BEGINNINGS.size()));
      if (found.equals(expected)) {
        continue;
      }
      TensorProblems problems = new TensorProblems();
      int layers = 2 + random.nextInt(60);
      for (int i = 0; i < layers; i++) {
        problems.unexpected(found + "encoder.blocks." + i + ".weight", "[4]");
        problems.missing(expected + "encoder.blocks." + i + ".weight", "[4]");
      }
      assertThat(problems.toString())
          .as("seed %d", seed)
          .startsWith(layers + " names begin with ")
          .contains("encoder.blocks.0.weight instead of ")
          .hasSizeLessThan(400);
      assertThat(problems.size()).isEqualTo(2 * layers);
    }
  }

  @Test
  void theBeginningIsCutWhereAPartBegins() {
    TensorProblems problems = new TensorProblems();
    for (String name : List.of("norm.weight", "norm.bias")) {
      problems.unexpected("vision.embeddings." + name, "[1]");
      problems.missing("xvision.embeddings." + name, "[1]");
    }
    assertThat(problems.toString())
        .contains("begin with \"vision.\" where \"xvision.\" is expected");
  }

  @Test
  void otherNamesAreListedUpToABound() {
    TensorProblems problems = new TensorProblems();
    List<String> names = new ArrayList<>();
    for (int i = 0; i < 500; i++) {
      names.add("something.of.its.own." + i);
    }
    names.forEach(problems::unexpected);
    problems.missing("another", "[2]");
    problems.add("x holds I32");
    assertThat(problems.toString())
        .startsWith("x holds I32; missing another [2]; unexpected something.of.its.own.0;")
        .endsWith("; and 490 more");
  }

  @Test
  void aSingleLikenessIsNoPattern() {
    TensorProblems problems = new TensorProblems();
    problems.missing("a.norm.weight", "[1]");
    problems.unexpected("b.norm.weight", "[1]");
    assertThat(problems.toString())
        .isEqualTo("missing a.norm.weight [1]; unexpected b.norm.weight [1]");
  }
}

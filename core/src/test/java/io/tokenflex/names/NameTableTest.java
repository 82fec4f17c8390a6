package io.tokenflex.names;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import org.junit.jupiter.api.Test;

class NameTableTest {
  private static final NameTable TABLE =
      NameTable.builder()
          .unused("layers.7.*")
          .weightAndBias("layers.{}.proj", "ours.{}.out")
          .stacked("layers.{}.qkv", "ours.{}.q", "ours.{}.k", "ours.{}.v")
          .squeezed("table", 2, "ours.table")
          .build();

  @Test
  void aNumberIsCarriedOverInBothDirections() {
    NameTable.Row row = new NameTable.Row("layers.12.proj.bias", List.of("ours.12.out.bias"));
    assertThat(TABLE.find("layers.12.proj.bias")).contains(row);
    assertThat(TABLE.findOurs("ours.12.out.bias")).contains(row);
    assertThat(TABLE.find("layers.x.proj.bias")).isEmpty();
    assertThat(TABLE.findOurs("ours.x.out.bias")).isEmpty();
  }

  @Test
  void theFirstLineThatFitsCounts() {
    assertThat(TABLE.find("layers.7.proj.bias"))
        .contains(new NameTable.Row("layers.7.proj.bias", List.of()));
    assertThat(TABLE.find("layers.77.proj.bias").orElseThrow().ours()).isNotEmpty();
  }

  @Test
  void everyPartOfAStackLeadsToIt() {
    NameTable.Row row = TABLE.findOurs("ours.3.k").orElseThrow();
    assertThat(row.published()).isEqualTo("layers.3.qkv");
    assertThat(row.ours()).containsExactly("ours.3.q", "ours.3.k", "ours.3.v");
    assertThat(row.ourShape(new long[] {12, 5})).containsExactly(4, 5);
    assertThat(row.publishedShape(new long[] {4, 5})).containsExactly(12, 5);
    assertThatThrownBy(() -> row.ourShape(new long[] {13, 5}))
        .hasMessageContaining("layers.3.qkv has the shape [13, 5]");
  }

  @Test
  void leadingOnesGoAndComeBack() {
    NameTable.Row row = TABLE.find("table").orElseThrow();
    assertThat(row.ourShape(new long[] {1, 1, 9})).containsExactly(9);
    assertThat(row.publishedShape(new long[] {9})).containsExactly(1, 1, 9);
    assertThatThrownBy(() -> row.ourShape(new long[] {1, 2, 9}))
        .hasMessageContaining("expected 2 sides of 1");
    assertThatThrownBy(() -> row.ourShape(new long[] {1, 1}))
        .hasMessageContaining("expected 2 sides of 1");
  }

  @Test
  void aTableReadsBelowAPrefix() {
    NameTable below = TABLE.below("model.vision_tower.");
    assertThat(below.find("model.vision_tower.layers.3.proj.weight").orElseThrow().ours())
        .containsExactly("ours.3.out.weight");
    assertThat(below.findOurs("ours.3.q").orElseThrow().published())
        .isEqualTo("model.vision_tower.layers.3.qkv");
    assertThat(below.find("layers.3.proj.weight")).isEmpty();
  }
}

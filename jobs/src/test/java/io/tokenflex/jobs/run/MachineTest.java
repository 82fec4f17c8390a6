package io.tokenflex.jobs.run;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;

class MachineTest {
  @Test
  void theMachineOfThisJvmIsKnown() {
    Machine here = Machine.here();
    assertThat(here.processor()).isNotBlank();
    assertThat(here.cores()).isPositive();
    assertThat(here.memoryBytes()).isGreaterThan(1L << 27);
  }

  @Test
  void theProcessorIsNamedAsLinuxNamesIt() {
    List<String> cpuInfo =
        List.of("processor\t: 0", "model name\t: AMD EPYC 9R14: 96-Core", "model name\t: other");
    assertThat(Machine.processorName(cpuInfo)).isEqualTo("AMD EPYC 9R14: 96-Core");
    assertThat(Machine.processorName(List.of("Processor\t: 0")))
        .isEqualTo(System.getProperty("os.arch"));
  }

  @Test
  void aMachineIsToldInOneLine() {
    assertThat(new Machine("Xeon", 1, 3_900_000_000L, false).inWords())
        .isEqualTo("Xeon, 1 core, no bf16 products, 4 GB");
  }
}

package io.tokenflex.failure;

import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import org.junit.jupiter.api.Test;

class ExpectTest {
  @Test
  void aNumberBelowOneIsRefusedByName() {
    Expect.atLeastOne("lanes", 1);

    assertThatThrownBy(() -> Expect.atLeastOne("lanes", 0))
        .isInstanceOf(InvalidInputException.class)
        .hasMessage("lanes is 0; expected at least 1");
  }

  @Test
  void aDurationOfNothingIsRefusedByName() {
    Expect.aboveZero("timeout", Duration.ofMillis(1));

    assertThatThrownBy(() -> Expect.aboveZero("timeout", Duration.ZERO))
        .isInstanceOf(InvalidInputException.class)
        .hasMessage("timeout is PT0S; expected more than zero");
  }
}

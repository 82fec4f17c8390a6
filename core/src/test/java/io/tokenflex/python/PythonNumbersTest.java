package io.tokenflex.python;

import static org.assertj.core.api.Assertions.assertThat;

import java.math.BigDecimal;
import java.math.BigInteger;
import java.util.Optional;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

class PythonNumbersTest {
  private static final long SEED = 20260417;

  @Test
  void everyDoubleIsReadBackFromItsText() {
    SplittableRandom random = new SplittableRandom(SEED);
    for (int i = 0; i < 20_000; i++) {
      double number = Double.longBitsToDouble(random.nextLong());
      if (Double.isNaN(number)) {
        continue;
      }
      String text = PythonNumbers.text(number);
      assertThat(PythonNumbers.parseFloat(text)).as("seed %d: %s", SEED, text).hasValue(number);
    }
  }

  @Test
  void theTextHasNoDigitTooMany() {
    // Java 17 writes 2.0E-3 and 1.0E23 with more digits than are needed.
    assertThat(PythonNumbers.text(2.0E-3)).isEqualTo("0.002");
    assertThat(PythonNumbers.text(2.2250738585072014e-308)).isEqualTo("2.2250738585072014e-308");
    assertThat(PythonNumbers.text(Double.parseDouble("2e23"))).isEqualTo("2e+23");
    assertThat(PythonNumbers.text(Double.parseDouble("1e23"))).isEqualTo("1e+23");
    assertThat(PythonNumbers.text(Double.parseDouble("9007199254740993")))
        .isEqualTo("9007199254740992.0");
    assertThat(PythonNumbers.text(123456789012345680d)).isEqualTo("1.2345678901234568e+17");
    assertThat(PythonNumbers.text(0.00001)).isEqualTo("1e-05");
  }

  @Test
  void roundingIsOfTheBinaryValueAndTiesGoToEven() {
    SplittableRandom random = new SplittableRandom(SEED);
    for (int i = 0; i < 5_000; i++) {
      double number = (random.nextDouble() - 0.5) * Math.pow(10, random.nextInt(8));
      int digits = random.nextInt(5);
      double rounded = PythonNumbers.round(number, digits);
      BigDecimal distance = new BigDecimal(number).subtract(new BigDecimal(rounded)).abs();
      assertThat(distance)
          .as("seed %d: round(%s, %d) = %s", SEED, number, digits, rounded)
          .isLessThanOrEqualTo(
              new BigDecimal("0.5")
                  .scaleByPowerOfTen(-digits)
                  .add(new BigDecimal(Math.ulp(number))));
    }
    assertThat(PythonNumbers.round(0.5, 0)).isZero();
    assertThat(PythonNumbers.round(1234.5, -2)).isEqualTo(1200);
  }

  @Test
  void underscoresStandBetweenDigitsOnly() {
    for (String good : new String[] {"1_0", "1_0.0_1", "1e1_0", "-1_000", "٣_٤"}) {
      assertThat(PythonNumbers.parseFloat(good)).as(good).isPresent();
    }
    for (String bad : new String[] {"1_.0", "1._0", "1_e5", "1e_5", "1__0", "_1", "1_", "+_1"}) {
      assertThat(PythonNumbers.parseFloat(bad)).as(bad).isEmpty();
      assertThat(PythonNumbers.parseInt(bad)).as(bad).isEmpty();
    }
  }

  @Test
  void aLongTextIsReadInOneGo() {
    String digits = "7".repeat(100_000);
    assertThat(PythonNumbers.parseInt(digits)).contains(new BigInteger(digits));
    assertThat(PythonNumbers.parseFloat(digits + "x")).isEmpty();
    assertThat(PythonNumbers.parseFloat(digits)).hasValue(Double.POSITIVE_INFINITY);
  }

  @Test
  void lettersThatLookLikeInfAreNot() {
    assertThat(PythonNumbers.parseFloat("ınf")).isEmpty();
    assertThat(PythonNumbers.parseFloat("İnf")).isEmpty();
    assertThat(PythonNumbers.parseFloat("INFINITY")).hasValue(Double.POSITIVE_INFINITY);
    assertThat(PythonNumbers.parseInt("²")).isEqualTo(Optional.empty());
  }
}

package io.tokenflex.convert;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.Arrays;
import org.junit.jupiter.api.Test;

class TokenRowsTest {
  private static final float[] TABLE = {1, 2, 3, 4, 5, 9};

  @Test
  void addedRowsAreTheMeanAndTheOthersStay() {
    assertThat(TokenRows.extendedTo(5, TABLE, 2)).containsExactly(1, 2, 3, 4, 5, 9, 3, 5, 3, 5);
  }

  @Test
  void aTableThatIsLongEnoughStaysAsItIs() {
    assertThat(TokenRows.extendedTo(3, TABLE, 2)).containsExactly(TABLE);
  }

  @Test
  void theMeanOfManyRowsIsNotLostInRounding() {
    int rows = 200_000;
    float[] table = new float[rows];
    Arrays.fill(table, 0.1f);
    assertThat(TokenRows.extendedTo(rows + 1, table, 1)[rows]).isEqualTo(0.1f);
  }

  @Test
  void aTableNeitherShrinksNorHasBrokenRows() {
    assertThatThrownBy(() -> TokenRows.extendedTo(2, TABLE, 2))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageStartingWith("vocabSize is 2 but the table has 3 rows;");
    assertThatThrownBy(() -> TokenRows.extendedTo(9, TABLE, 4))
        .hasMessageStartingWith("6 values are no rows of 4;");
  }
}

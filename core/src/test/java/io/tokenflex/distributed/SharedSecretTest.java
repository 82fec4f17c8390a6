package io.tokenflex.distributed;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.tokenflex.failure.InvalidInputException;
import org.junit.jupiter.api.Test;

class SharedSecretTest {
  @Test
  void onlyTheSameSecretStatementAndNonceMakeTheSameProof() {
    SharedSecret secret = SharedSecret.random();
    byte[] nonce = SharedSecret.nonce();
    byte[] proof = secret.prove("hello", nonce);
    assertThat(proof).hasSize(SharedSecret.PROOF_BYTES);
    assertThat(SharedSecret.fromHex(secret.toHex()).isProof(proof, "hello", nonce)).isTrue();
    assertThat(SharedSecret.random().isProof(proof, "hello", nonce)).isFalse();
    assertThat(secret.isProof(proof, "hell", nonce)).isFalse();
    assertThat(secret.isProof(proof, "hello", SharedSecret.nonce())).isFalse();
    proof[31] ^= 1;
    assertThat(secret.isProof(proof, "hello", nonce)).isFalse();
    assertThat(secret.isProof(new byte[0], "hello", nonce)).isFalse();
  }

  @Test
  void aSecretDoesNotTellItselfInLogs() {
    SharedSecret secret = SharedSecret.random();
    assertThat("" + secret).doesNotContain(secret.toHex());
    assertThat(SharedSecret.fromHex(secret.toHex())).isEqualTo(secret).isNotSameAs(secret);
    assertThat(SharedSecret.random()).isNotEqualTo(secret);
  }

  @Test
  void somethingElseIsNoSecret() {
    for (String text : new String[] {"", "xyz", "abcd"}) {
      assertThatThrownBy(() -> SharedSecret.fromHex(text))
          .isInstanceOf(InvalidInputException.class);
    }
  }
}

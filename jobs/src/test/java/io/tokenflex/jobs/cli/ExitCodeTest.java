package io.tokenflex.jobs.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.tokenflex.config.InvalidConfigException;
import java.io.IOException;
import org.junit.jupiter.api.Test;

class ExitCodeTest {
  @Test
  void theFirstTellingCauseDecides() {
    assertThat(ExitCode.of(new InvalidConfigException("x"))).isEqualTo(ExitCode.BAD_CONFIG);
    assertThat(ExitCode.of(new IOException("x"))).isEqualTo(ExitCode.BAD_DATA);
    assertThat(ExitCode.of(new IllegalStateException("job", new IOException("x"))))
        .isEqualTo(ExitCode.BAD_DATA);
    assertThat(ExitCode.of(new RejectedDataException(new IllegalArgumentException("x"))))
        .isEqualTo(ExitCode.BAD_DATA);
    assertThat(ExitCode.of(new IllegalStateException("x"))).isEqualTo(ExitCode.FAILED);
  }

  @Test
  void unknownCommandsAndOptionsAreUsageErrors() {
    assertThat(CommandLines.create().execute("fly")).isEqualTo(2);
    assertThat(CommandLines.create().execute("report", "--unknown")).isEqualTo(2);
  }

  @Test
  void aMissingConfigurationFileIsStatusTwo() {
    assertThat(CommandLines.create().execute("report", "--conf", "no-such.conf")).isEqualTo(2);
  }
}

package io.tokenflex.jobs.config;

import static org.assertj.core.api.Assertions.assertThat;

import io.tokenflex.config.ConfigLoader;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class EffectiveConfTest {
  private static final String SECRET = "hunter2";

  private static String shown(String... overrides) {
    RunConfig.Loaded loaded = RunConfig.loadResource("conf/quickstart.conf", List.of(overrides));
    return EffectiveConf.withoutSecrets(loaded.settings());
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "spark.hadoop.fs.s3a.secret.key",
        "spark.hadoop.fs.s3a.access.key",
        "spark.hadoop.fs.s3a.session.token",
        "spark.hadoop.fs.s3a.encryption.key",
        "spark.hadoop.fs.azure.account.key.ours.dfs.core.windows.net",
        "spark.hadoop.fs.gs.auth.service.account.private.key",
        "spark.ssl.keyPassword",
        "spark.authenticate.secret",
        "spark.kubernetes.authenticate.submission.oauthToken",
        "spark.hadoop.hadoop.security.credential.provider.path"
      })
  void aSecretOfSparkOrHadoopIsLeftOutUnderItsName(String key) {
    for (String setting : List.of(key, "\"" + key + "\"")) {
      String page = shown("cluster.spark." + setting + "=" + SECRET);
      assertThat(page).doesNotContain(SECRET).contains("(left out)");
      String last = key.substring(key.lastIndexOf('.') + 1);
      assertThat(page).as("its name stays").contains(last);
    }
  }

  @Test
  void javaOptionsAndAddressesThatHoldAPasswordAreLeftOut() {
    assertThat(
            shown(
                "cluster.spark.\"spark.executor.extraJavaOptions\"=-Dstore.password=" + SECRET,
                "data.train=s3a://me:" + SECRET + "@bucket/train"))
        .doesNotContain(SECRET)
        .contains("s3a://(left out)@bucket/train");
  }

  @Test
  void whatIsNoSecretIsShownAndTheSettingsThemselvesKeepAll() {
    RunConfig.Loaded loaded =
        RunConfig.loadResource(
            "conf/quickstart.conf",
            List.of(
                "cluster.spark.spark.hadoop.fs.s3a.secret.key=" + SECRET,
                "cluster.spark.spark.hadoop.fs.s3a.endpoint=http://store:9000"));
    String page = EffectiveConf.withoutSecrets(loaded.settings());
    assertThat(page).contains("http://store:9000", "maxNewTokens=", "counts=", "numVisionTokens=");
    assertThat(page.lines().count())
        .isEqualTo(ConfigLoader.render(loaded.settings()).lines().count());
    assertThat(ConfigLoader.render(loaded.settings())).contains(SECRET);
  }
}

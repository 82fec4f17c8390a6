package io.tokenflex.judge;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import io.tokenflex.failure.InvalidInputException;
import io.tokenflex.score.Outcome;
import io.tokenflex.score.Reference;
import io.tokenflex.storage.LocalStorage;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** A server on this machine that fails in every way. */
@Timeout(60)
class HttpJudgeTest {
  private static final ObjectMapper JSON = new ObjectMapper();

  /** What the server does with one request. */
  private interface Behaviour {
    void answer(HttpExchange exchange) throws IOException;
  }

  private final List<JsonNode> asked = new CopyOnWriteArrayList<>();
  private final List<String> keys = new CopyOnWriteArrayList<>();
  private final CountDownLatch end = new CountDownLatch(1);
  private final ExecutorService threads = Executors.newCachedThreadPool();

  /** Long enough for a busy machine, unless a reply that never comes is waited for. */
  private Duration timeout = Duration.ofSeconds(30);

  private List<Behaviour> behaviours = List.of();
  private HttpServer server;

  @BeforeEach
  void start() throws IOException {
    server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    server.setExecutor(threads);
    server.createContext(
        "/v1/chat/completions",
        exchange -> {
          byte[] body = exchange.getRequestBody().readAllBytes();
          keys.add(String.valueOf(exchange.getRequestHeaders().getFirst("Authorization")));
          int number = asked.size();
          asked.add(JSON.readTree(body));
          behaviours.get(Math.min(number, behaviours.size() - 1)).answer(exchange);
        });
    server.start();
  }

  @AfterEach
  void stop() {
    end.countDown();
    server.stop(0);
    threads.shutdownNow();
  }

  private static Behaviour status(int status, String body) {
    return exchange -> {
      byte[] bytes = body.getBytes(StandardCharsets.UTF_8);
      exchange.sendResponseHeaders(status, bytes.length == 0 ? -1 : bytes.length);
      exchange.getResponseBody().write(bytes);
      exchange.close();
    };
  }

  private static Behaviour reply(String text) {
    return status(
        200,
        JSON.createObjectNode()
            .set(
                "choices",
                JSON.createArrayNode()
                    .add(
                        JSON.createObjectNode()
                            .set("message", JSON.createObjectNode().put("content", text))))
            .toString());
  }

  private static Behaviour hangUp() {
    return HttpExchange::close;
  }

  private static Behaviour cutOff() {
    return exchange -> {
      exchange.sendResponseHeaders(200, 1000);
      exchange.getResponseBody().write("{\"choices\": [".getBytes(StandardCharsets.UTF_8));
      exchange.close();
    };
  }

  private Behaviour silence() {
    timeout = Duration.ofSeconds(1);
    return exchange -> {
      try {
        end.await();
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
      }
    };
  }

  private HttpJudge judge(Behaviour... inTurn) {
    behaviours = List.of(inTurn);
    URI endpoint =
        URI.create("http://127.0.0.1:" + server.getAddress().getPort() + "/v1/chat/completions");
    return new HttpJudge(endpoint, "some-model", "secret", settings(3));
  }

  private HttpJudge.Settings settings(int tries) {
    return new HttpJudge.Settings(timeout, tries, Duration.ofMillis(1), 64);
  }

  @Test
  void theQuestionIsOneUserMessage() throws JudgeException {
    assertThat(judge(reply("Ä 北")).reply("Is it \"so\"?\n", 0.5)).isEqualTo("Ä 北");

    JsonNode request = asked.get(0);
    assertThat(request.get("model").asText()).isEqualTo("some-model");
    assertThat(request.get("temperature").asDouble()).isEqualTo(0.5);
    assertThat(request.get("max_tokens").asInt()).isEqualTo(64);
    assertThat(request.at("/messages/0/role").asText()).isEqualTo("user");
    assertThat(request.at("/messages/0/content").asText()).isEqualTo("Is it \"so\"?\n");
    assertThat(keys).containsExactly("Bearer secret");
  }

  @Test
  void everyFailureThatMayPassIsTriedAgain() throws JudgeException {
    List<Behaviour> failures =
        List.of(
            status(500, "broken"),
            status(503, ""),
            status(429, "slow down"),
            status(408, "late"),
            status(200, "no json"),
            status(200, ""),
            status(200, "{\"choices\": []}"),
            status(200, "{\"choices\": [{\"message\": {\"content\": null}}]}"),
            hangUp(),
            cutOff(),
            silence());
    for (Behaviour failure : failures) {
      asked.clear();
      assertThat(judge(failure, failure, reply("B")).reply("?", 0)).isEqualTo("B");
      assertThat(asked).hasSize(3);
    }
  }

  @Test
  void afterTheLastTryTheFailureIsTold() {
    assertThatThrownBy(() -> judge(status(500, "out of memory")).reply("?", 0))
        .isInstanceOf(JudgeException.class)
        .hasMessageContaining("failed 3 times: status 500: out of memory");
    assertThat(asked).hasSize(3);
  }

  @Test
  void aRefusalIsNotTriedAgain() {
    assertThatThrownBy(() -> judge(status(401, "wrong key")).reply("?", 0))
        .isInstanceOf(JudgeException.class)
        .hasMessageContaining("refuses: status 401: wrong key");
    assertThat(asked).hasSize(1);
  }

  @Test
  void aServerThatIsNotThereFails() throws IOException {
    int free;
    try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      free = socket.getLocalPort();
    }
    HttpJudge judge =
        new HttpJudge(URI.create("http://127.0.0.1:" + free + "/v1"), "m", "", settings(2));
    assertThatThrownBy(() -> judge.reply("?", 0))
        .isInstanceOf(JudgeException.class)
        .hasMessageContaining("failed 2 times");
  }

  @Test
  void anAddressOfAnotherKindIsRefused() {
    assertThatThrownBy(() -> new HttpJudge(URI.create("file:/x"), "m", "", settings(1)))
        .isInstanceOf(InvalidInputException.class)
        .hasMessageContaining("judge.endpoint is 'file:/x'");
  }

  /** Never wrong, never a letter drawn at random. */
  @Test
  void aJudgeThatFailsLeavesRowsUnscored() {
    HttpJudge judge = judge(status(500, ""));
    Judged judged =
        new YesNoJudge(JudgePrompts.builtIn())
            .score(Reference.of("Yes"), "Is it?", "Perhaps.", judge);
    assertThat(judged.score().outcome()).isEqualTo(Outcome.UNSCORED);
    assertThat(judged.calls()).isEqualTo(5);
  }

  @TempDir Path folder;

  @Test
  void aReplyIsAskedForOnce() throws JudgeException {
    CachedJudge judge =
        new CachedJudge(judge(reply("A"), reply("B")), "choice 1", new LocalStorage(folder));
    assertThat(judge.reply("?", 0)).isEqualTo("A");
    assertThat(judge.reply("?", 0)).isEqualTo("A");
    assertThat(asked).hasSize(1);
  }

  @Test
  void anotherPromptRuleModelOrTemperatureIsAnotherQuestion() throws JudgeException {
    HttpJudge judge = judge(reply("A"));
    new CachedJudge(judge, "choice 1", new LocalStorage(folder)).reply("?", 0);
    new CachedJudge(judge, "choice 1", new LocalStorage(folder)).reply("??", 0);
    new CachedJudge(judge, "choice 1", new LocalStorage(folder)).reply("?", 0.5);
    new CachedJudge(judge, "choice 2", new LocalStorage(folder)).reply("?", 0);
    assertThat(asked).hasSize(4);
  }

  @Test
  void aJudgeThatIsGoneIsNotWaitedForByEveryRow() {
    PatientJudge patient = new PatientJudge(judge(status(400, "no such model")), 2);
    for (int row = 0; row < 5; row++) {
      assertThatThrownBy(() -> patient.reply("?", 0)).hasMessageContaining("no such model");
    }
    assertThat(asked).hasSize(2);
    assertThat(patient.failures()).isEqualTo(5);
  }

  @Test
  void aReplyLetsAPatientJudgeBeAskedOn() throws JudgeException {
    Behaviour refusal = status(400, "");
    PatientJudge patient = new PatientJudge(judge(refusal, reply("A"), refusal, reply("B")), 2);
    assertThatThrownBy(() -> patient.reply("?", 0)).isInstanceOf(JudgeException.class);
    assertThat(patient.reply("?", 0)).isEqualTo("A");
    assertThatThrownBy(() -> patient.reply("?", 0)).isInstanceOf(JudgeException.class);
    assertThat(patient.reply("?", 0)).isEqualTo("B");
  }

  @Test
  void failuresAreNotRemembered() throws JudgeException {
    Behaviour refusal = status(400, "");
    CachedJudge judge =
        new CachedJudge(judge(refusal, reply("A")), "choice 1", new LocalStorage(folder));
    assertThatThrownBy(() -> judge.reply("?", 0)).isInstanceOf(JudgeException.class);
    assertThat(judge.reply("?", 0)).isEqualTo("A");
  }

  @Test
  void aFileThatIsCutOffIsWrittenAnew() throws JudgeException, IOException {
    CachedJudge judge =
        new CachedJudge(judge(reply("A"), reply("B")), "choice 1", new LocalStorage(folder));
    judge.reply("?", 0);
    Path file;
    try (var files = Files.list(folder)) {
      file = files.findFirst().orElseThrow();
    }
    Files.writeString(file, "{\"asked\":");
    assertThat(judge.reply("?", 0)).isEqualTo("B");
    assertThat(judge.reply("?", 0)).isEqualTo("B");
    assertThat(asked).hasSize(2);
  }
}

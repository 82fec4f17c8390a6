package io.tokenflex.judge;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.tokenflex.failure.Expect;
import io.tokenflex.failure.InvalidInputException;
import java.io.IOException;
import java.io.Serial;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.time.Duration;

/**
 * A judge behind an endpoint that speaks OpenAI's chat completions, a server of one's own or
 * another's. Failed connections, statuses 408, 429 and 5xx and replies that are none are tried
 * again, each time after twice the wait; other statuses fail at once.
 */
public final class HttpJudge implements Judge {
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final int MAX_SHOWN = 300;

  private final HttpClient client;
  private final URI endpoint;
  private final String model;
  private final String key;
  private final Settings settings;

  /**
   * How to ask.
   *
   * @param timeout of one try, connecting included
   * @param tries in all, at least 1
   * @param firstWait before the second try
   * @param maxNewTokens of a reply
   */
  public record Settings(Duration timeout, int tries, Duration firstWait, int maxNewTokens) {
    public Settings {
      Expect.aboveZero("judge.timeout", timeout);
      Expect.atLeastOne("judge.tries", tries);
      Expect.atLeastOne("judge.maxNewTokens", maxNewTokens);
    }
  }

  /**
   * Connects to nothing yet.
   *
   * @param endpoint where to post, for instance {@code http://host:8000/v1/chat/completions}
   * @param model the name that the endpoint knows the judge by
   * @param key sent as bearer token; empty for none
   * @throws InvalidInputException if the endpoint is no http address
   */
  public HttpJudge(URI endpoint, String model, String key, Settings settings) {
    String scheme = endpoint.getScheme();
    if (!"http".equals(scheme) && !"https".equals(scheme)) {
      throw new InvalidInputException(
          "judge.endpoint is '" + endpoint + "'; expected an address that starts with http");
    }
    this.client = HttpClient.newBuilder().connectTimeout(settings.timeout()).build();
    this.endpoint = endpoint;
    this.model = model;
    this.key = key;
    this.settings = settings;
  }

  @Override
  public String name() {
    return model;
  }

  @Override
  public String reply(String prompt, double temperature) throws JudgeException {
    HttpRequest request = request(prompt, temperature);
    Duration wait = settings.firstWait();
    for (int left = settings.tries() - 1; ; left--) {
      try {
        return ask(request);
      } catch (RetryException e) {
        if (left == 0) {
          throw new JudgeException(
              "The judge at "
                  + endpoint
                  + " failed "
                  + settings.tries()
                  + " times: "
                  + e.getMessage(),
              e);
        }
      }
      sleep(wait);
      wait = wait.multipliedBy(2);
    }
  }

  private HttpRequest request(String prompt, double temperature) throws JudgeException {
    ObjectNode body = JSON.createObjectNode();
    body.put("model", model);
    body.put("temperature", temperature);
    body.put("max_tokens", settings.maxNewTokens());
    body.putArray("messages").addObject().put("role", "user").put("content", prompt);
    HttpRequest.Builder request =
        HttpRequest.newBuilder(endpoint)
            .timeout(settings.timeout())
            .header("Content-Type", "application/json");
    if (!key.isEmpty()) {
      request.header("Authorization", "Bearer " + key);
    }
    try {
      return request
          .POST(HttpRequest.BodyPublishers.ofByteArray(JSON.writeValueAsBytes(body)))
          .build();
    } catch (IOException e) {
      throw new JudgeException("The question to the judge cannot be written as JSON", e);
    }
  }

  /** Trying again may help. */
  private static final class RetryException extends Exception {
    @Serial private static final long serialVersionUID = 1;

    RetryException(String message, Throwable cause) {
      super(message, cause);
    }
  }

  private String ask(HttpRequest request) throws JudgeException, RetryException {
    HttpResponse<byte[]> response;
    try {
      response = client.send(request, BodyHandlers.ofByteArray());
    } catch (IOException e) {
      throw new RetryException(e.toString(), e);
    } catch (InterruptedException e) {
      throw interrupted(e);
    }
    int status = response.statusCode();
    String body = new String(response.body(), StandardCharsets.UTF_8);
    if (status == 408 || status == 429 || status >= 500) {
      throw new RetryException("status " + status + ": " + shortened(body), null);
    }
    if (status != 200) {
      throw new JudgeException(
          "The judge at " + endpoint + " refuses: status " + status + ": " + shortened(body));
    }
    return content(body);
  }

  private static String content(String body) throws RetryException {
    try {
      JsonNode content = JSON.readTree(body).at("/choices/0/message/content");
      if (content.isTextual()) {
        return content.asText();
      }
    } catch (IOException e) {
      throw new RetryException("no JSON: " + shortened(body), e);
    }
    throw new RetryException("no choices[0].message.content: " + shortened(body), null);
  }

  private static void sleep(Duration wait) throws JudgeException {
    try {
      Thread.sleep(wait.toMillis());
    } catch (InterruptedException e) {
      throw interrupted(e);
    }
  }

  private static JudgeException interrupted(InterruptedException e) {
    Thread.currentThread().interrupt();
    return new JudgeException("Interrupted while waiting for the judge", e);
  }

  private static String shortened(String text) {
    return text.length() <= MAX_SHOWN ? text : text.substring(0, MAX_SHOWN) + "...";
  }
}

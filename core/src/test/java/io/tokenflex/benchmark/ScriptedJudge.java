package io.tokenflex.benchmark;

import com.fasterxml.jackson.databind.JsonNode;
import io.tokenflex.judge.Judge;
import io.tokenflex.judge.JudgeException;
import java.util.ArrayList;
import java.util.List;

/** Replies in turn, the last one again and again; a reply with the mark of failure is a failure. */
final class ScriptedJudge implements Judge {
  private final List<String> replies = new ArrayList<>();
  private final List<Double> temperatures = new ArrayList<>();
  private final String failure;

  ScriptedJudge(JsonNode replies, String failure) {
    replies.forEach(reply -> this.replies.add(reply.asText()));
    this.failure = failure;
  }

  @Override
  public String reply(String prompt, double temperature) throws JudgeException {
    String reply = replies.get(Math.min(temperatures.size(), replies.size() - 1));
    temperatures.add(temperature);
    if (reply.contains(failure)) {
      throw new JudgeException(reply);
    }
    return reply;
  }

  @Override
  public String name() {
    return "scripted";
  }

  List<Double> temperatures() {
    return temperatures;
  }
}

package io.tokenflex.benchmark;

import com.fasterxml.jackson.databind.JsonNode;

/** Compares what one case expects with what the code gives. */
@FunctionalInterface
interface CaseCheck {
  void check(JsonNode input, JsonNode whole, Differences differences);
}

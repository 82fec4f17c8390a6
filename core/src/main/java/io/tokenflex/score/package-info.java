/**
 * What an answer of a model is worth: a class for each rule of a public benchmark, named after the
 * program that published numbers come from.
 *
 * <p><b>VLMEvalKit</b> is open-compass/VLMEvalKit at e8e78f05 (2026-08), or an older state where a
 * date is named; <b>lmms-eval</b> is EvolvingLMMs-Lab/lmms-eval at 75571cfe; <b>the authors</b> are
 * those of the benchmark. All their texts are Python's ({@link io.tokenflex.python}).
 */
package io.tokenflex.score;

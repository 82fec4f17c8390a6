/**
 * Public benchmarks: which rule, prompt and report belong to a name, and the numbers that leader
 * boards show.
 */
package io.tokenflex.benchmark;

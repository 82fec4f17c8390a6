package io.tokenflex.benchmark;

import io.tokenflex.score.Reference;
import io.tokenflex.table.Table.Row;

/**
 * One question of a benchmark.
 *
 * @param index tells rows apart; a whole number where all indices of the table are
 * @param row its cells
 * @param reference what its answer is compared with
 */
public record BenchmarkRow(String index, Row row, Reference reference) {}

/**
 * Errors of means, intervals, and comparisons of two systems on the same rows (Miller 2024, arXiv
 * 2411.00640; Bowyer et al. 2025, arXiv 2503.01747).
 *
 * <p>A cluster holds rows that are not independent, for instance the questions about one picture.
 */
package io.tokenflex.statistics;

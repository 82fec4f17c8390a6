package io.tokenflex.statistics;

/** A range, both ends included. */
public record Interval(double low, double high) {}

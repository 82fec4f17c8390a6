package io.tokenflex.dataprep.source;

import java.io.Serializable;

/**
 * A run of records that one task reads.
 *
 * @param offset byte at which the first record starts
 * @param firstPosition position of the first record in the file, counted from 0 over all records
 * @param numRecords how many records follow from {@code offset}
 */
public record InputSplit(long offset, long firstPosition, int numRecords) implements Serializable {}

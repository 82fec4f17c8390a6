package io.tokenflex.checkpoint;

import java.io.Serializable;

/**
 * An attempt at training that has begun and may publish until another one begins.
 *
 * @param number of the record that says so; later attempts have higher ones
 */
public record WriterAttempt(WriterIdentity writer, long number) implements Serializable {}

/**
 * Checkpoints: one published folder each, complete or invisible; the format is in
 * docs/format/checkpoint.md.
 */
package io.tokenflex.checkpoint;

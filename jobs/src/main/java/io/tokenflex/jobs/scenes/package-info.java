/**
 * A ready-made input for trying everything out: rendered pictures with questions about colour,
 * shape, count, position and small print, written as an ordinary LLaVA dataset. Nothing downstream
 * knows where the pictures came from.
 */
package io.tokenflex.jobs.scenes;

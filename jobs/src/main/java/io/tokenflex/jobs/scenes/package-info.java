/**
 * Generates the quickstart's dataset: rendered images with questions about colour, shape, count,
 * position and small print, written as an ordinary LLaVA dataset. No other stage treats it
 * specially.
 */
package io.tokenflex.jobs.scenes;

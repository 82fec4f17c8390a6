/**
 * From the bytes of an image file to a model's pixel values: decoding that rejects damaged files,
 * resampling that matches Pillow, normalising.
 *
 * <p>Shapes: C colour channels (red, green, blue), Y pixel rows, X pixel columns. An {@code
 * RgbImage} is YXC bytes; pixel values are CYX floats.
 */
package io.tokenflex.image;

/**
 * From the bytes of an image file to a model's pixel values: decoding that rejects damaged files
 * and unwanted sizes, resampling that matches Pillow, normalising. For preparing datasets: smaller
 * files ({@code ImageNormalizer}), and what tells equal pictures ({@code PixelDigest}) and near
 * ones ({@code PerceptualHash}).
 *
 * <p>Shapes: C colour channels (red, green, blue), Y pixel rows, X pixel columns. An {@code
 * RgbImage} is YXC bytes; pixel values are CYX floats.
 */
package io.tokenflex.image;

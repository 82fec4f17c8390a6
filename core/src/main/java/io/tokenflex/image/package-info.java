/**
 * From the bytes of an image file to a model's pixel values: decoding that rejects damaged files
 * and unwanted sizes, resampling that matches Pillow, and the image processors of published models
 * ({@code ImageTransform}), which resize, crop, tile and normalise. For preparing datasets: smaller
 * files ({@code ImageNormalizer}), and what tells equal pictures ({@code PixelDigest}) and near
 * ones ({@code PerceptualHash}).
 *
 * <p>Shapes: C colour channels (red, green, blue), Y pixel rows, X pixel columns. An {@code
 * RgbImage} is YXC bytes; pixel values are TCYX floats, T being the tiles of a picture.
 */
package io.tokenflex.image;

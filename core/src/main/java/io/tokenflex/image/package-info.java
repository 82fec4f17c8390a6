/**
 * From image files to a model's pixels: decoding that rejects damaged files and unwanted sizes,
 * Pillow-equal resampling, and the image processors of published models ({@code ImageTransform}:
 * resize, crop, tile; the model normalizes on its device). For dataset preparation: downscaling
 * ({@code ImageNormalizer}) and detection of equal ({@code PixelDigest}) and similar ({@code
 * PerceptualHash}) images.
 *
 * <p>Shapes: C colour channels (red, green, blue), Y pixel rows, X pixel columns. An {@code
 * RgbImage} holds YXC bytes; pixels are TCYX bytes, where T is the number of tiles of an image.
 */
package io.tokenflex.image;

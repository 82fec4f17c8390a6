/**
 * From image files to a model's pixel values: decoding that rejects damaged files and unwanted
 * sizes, Pillow-equal resampling, and the image processors of published models ({@code
 * ImageTransform}: resize, crop, tile, normalize). For dataset preparation: downscaling ({@code
 * ImageNormalizer}) and detection of equal ({@code PixelDigest}) and similar ({@code
 * PerceptualHash}) images.
 *
 * <p>Shapes: C colour channels (red, green, blue), Y pixel rows, X pixel columns. An {@code
 * RgbImage} holds YXC bytes; pixel values are TCYX floats, where T is the number of tiles of an
 * image.
 */
package io.tokenflex.image;

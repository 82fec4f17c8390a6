package io.tokenflex.dataprep.validate;

import java.io.Serializable;

/**
 * An image that was decoded completely; its bytes stay in the image folder until they are written.
 *
 * @param name relative to the image folder
 * @param width pixels, after EXIF orientation
 * @param height pixels, after EXIF orientation
 * @param sha256 of the file
 */
public record CheckedImage(String name, int width, int height, String sha256)
    implements Serializable {}

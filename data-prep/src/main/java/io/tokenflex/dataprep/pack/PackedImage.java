package io.tokenflex.dataprep.pack;

import java.io.Serializable;

/**
 * An image that was checked and is ready to be stored.
 *
 * @param pack path of the pack file that holds its bytes
 * @param offset first byte in the pack
 * @param length bytes in the pack
 * @param width pixels
 * @param height pixels
 * @param sha256 of the bytes, lower-case hex
 * @param pixelsSha256 of the decoded pixels, lower-case hex; empty if duplicates are not looked for
 * @param perceptualHash close for pictures that look alike; 0 if near duplicates are not looked for
 */
public record PackedImage(
    String pack,
    long offset,
    int length,
    int width,
    int height,
    String sha256,
    String pixelsSha256,
    long perceptualHash)
    implements Serializable {}

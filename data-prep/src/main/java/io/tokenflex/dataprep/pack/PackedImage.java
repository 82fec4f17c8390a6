package io.tokenflex.dataprep.pack;

import java.io.Serializable;

/**
 * A validated image, ready to be stored.
 *
 * @param pack path of the pack file that contains its bytes
 * @param offset of the first byte in the pack
 * @param length in bytes
 * @param width pixels
 * @param height pixels
 * @param sha256 of the bytes, lower-case hex
 * @param pixelsSha256 of the decoded pixels, lower-case hex; empty if duplicates are not searched
 * @param perceptualHash 0 if near duplicates are not searched
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

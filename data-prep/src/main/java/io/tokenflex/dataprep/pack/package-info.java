/**
 * Intermediate storage of images between validation and the writing of shards. Each validating task
 * appends its images to a pack file, from which the shard-writing tasks read them. Each image is
 * thus loaded and decoded once, and image bytes are not part of Spark's shuffle.
 */
package io.tokenflex.dataprep.pack;

/**
 * Where images wait between being checked and being written into shards: each checking task appends
 * its images, ready to be stored, to one pack file, and the tasks that write shards pick them out
 * again. So an image is fetched and decoded once whatever it came from, and image bytes never
 * travel through Spark's shuffle.
 */
package io.tokenflex.dataprep.pack;

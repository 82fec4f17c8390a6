/**
 * Input of a preparation: resolves configured inputs to files and splits that tasks read
 * independently, and verifies the number of records read.
 */
package io.tokenflex.dataprep.input;

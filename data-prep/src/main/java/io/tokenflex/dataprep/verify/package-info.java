/** Verifies a published dataset by reading every file completely. */
package io.tokenflex.dataprep.verify;

/** Re-reads a published dataset to the last byte and names every fault. */
package io.tokenflex.dataprep.verify;

/** The shuffled order of the dataset, independent of the input's order and of tasks. */
package io.tokenflex.dataprep.order;

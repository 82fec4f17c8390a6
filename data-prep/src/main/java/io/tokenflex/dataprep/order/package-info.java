/** The place of every record in the shuffled dataset, whatever the input's order and the tasks. */
package io.tokenflex.dataprep.order;

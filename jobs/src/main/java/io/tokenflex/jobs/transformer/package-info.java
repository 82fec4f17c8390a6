/** A trained model as a transformer of spark.ml, for pipelines, spark-shell and PySpark. */
package io.tokenflex.jobs.transformer;

/**
 * Benchmark tables as they are published: TSV files, cells read exactly or as pandas reads them,
 * pictures in base64 or by the index of another row.
 */
package io.tokenflex.table;

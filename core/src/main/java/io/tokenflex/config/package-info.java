/**
 * From HOCON files to records: a configuration is a record that validates itself, and every mistake
 * in a file is named with its key, file and line.
 */
package io.tokenflex.config;

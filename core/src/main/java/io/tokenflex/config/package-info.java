/**
 * Binds HOCON files to records that validate themselves. Every error names the key, file and line.
 */
package io.tokenflex.config;

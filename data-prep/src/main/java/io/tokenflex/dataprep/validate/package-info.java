/**
 * Validation of records: checks on texts and images. A record that fails gets one reason and a
 * detail that names the value.
 */
package io.tokenflex.dataprep.validate;

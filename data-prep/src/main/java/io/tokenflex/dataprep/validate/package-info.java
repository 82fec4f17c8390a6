/**
 * What makes a record a sample: a LLaVA record is taken apart, its texts and images are checked,
 * and whatever fails gets one reason and a detail that names the value.
 */
package io.tokenflex.dataprep.validate;

/** What a sample is, where samples come from, and in which order every rank sees them. */
package io.tokenflex.samples;

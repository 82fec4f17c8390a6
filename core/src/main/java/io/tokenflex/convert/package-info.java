/**
 * Import of published models into model folders, and export of model folders for transformers. No
 * other package of core depends on this one.
 */
package io.tokenflex.convert;

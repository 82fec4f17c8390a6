/**
 * Import and export: folders of published models become ours, and ours become what transformers
 * loads. Nothing else in this module uses it.
 */
package io.tokenflex.convert;

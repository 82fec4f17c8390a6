/**
 * The folder of one model: reads and writes {@code config.json}, {@code preprocessor_config.json}
 * and the weights.
 */
package io.tokenflex.modelfolder;

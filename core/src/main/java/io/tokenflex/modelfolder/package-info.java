/**
 * The folder of one model: {@code config.json}, {@code preprocessor_config.json} and weights, read
 * into configurations and into a model's parameters, and written back.
 */
package io.tokenflex.modelfolder;

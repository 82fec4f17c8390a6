/** Programs that measure; {@code bench/} runs them beside their peers. */
package io.tokenflex.dataprep.bench;

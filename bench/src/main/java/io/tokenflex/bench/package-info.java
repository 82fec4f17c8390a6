/** Programs that measure; the scripts in {@code bench/} run them beside their peers. */
package io.tokenflex.bench;

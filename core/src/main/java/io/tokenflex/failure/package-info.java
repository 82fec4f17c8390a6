/**
 * Exceptions that answer whether trying again can help: {@link
 * io.tokenflex.failure.InvalidInputException} and {@link io.tokenflex.failure.DamagedDataException}
 * say that it cannot.
 */
package io.tokenflex.failure;

/**
 * Jinja templates as published models carry them, rendered as Python's Jinja2 would: Jinjava does
 * the work, this package gives it Python's precedence, slices, truth, string methods and scopes,
 * and takes away everything a template from the internet must not reach.
 */
package io.tokenflex.jinja;

/**
 * Jinja templates as published models carry them, rendered as Python's Jinja2 does it for
 * transformers: lexer, parser and values of our own, so that what Python writes otherwise is known
 * here and computed or refused, and nothing of Java is in a template's reach.
 *
 * <p>{@link io.tokenflex.jinja.Lexer} cuts, {@link io.tokenflex.jinja.TemplateParser} reads, {@link
 * io.tokenflex.jinja.Statement} and {@link io.tokenflex.jinja.Expression} run; what they compute
 * with is {@link io.tokenflex.jinja.Values}.
 */
package io.tokenflex.jinja;

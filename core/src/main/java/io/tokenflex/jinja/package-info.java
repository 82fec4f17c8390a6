/**
 * Renders the Jinja chat templates of published models as Python's Jinja2 does for transformers.
 * Lexer, parser and values are our own, so that differences between Python and Java are either
 * reproduced or rejected, and templates cannot reach Java objects.
 *
 * <p>{@link io.tokenflex.jinja.Lexer} tokenizes, {@link io.tokenflex.jinja.TemplateParser} parses,
 * {@link io.tokenflex.jinja.Statement} and {@link io.tokenflex.jinja.Expression} execute over
 * {@link io.tokenflex.jinja.Values}.
 */
package io.tokenflex.jinja;

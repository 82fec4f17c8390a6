/** A conversation with a model over lines of text. */
package io.tokenflex.jobs.chat;

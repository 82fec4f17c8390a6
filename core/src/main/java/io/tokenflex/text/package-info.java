/** Tokenizers and chat templates: turns conversations into token ids and supervision masks. */
package io.tokenflex.text;

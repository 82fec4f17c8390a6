/** From a conversation to token ids with labels: tokenizers and chat templates. */
package io.tokenflex.text;

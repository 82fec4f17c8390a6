/** Answers questions about images: batched greedy decoding with a key/value cache. */
package io.tokenflex.generate;

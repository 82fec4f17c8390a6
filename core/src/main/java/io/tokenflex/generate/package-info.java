/** From pictures and a question to an answer: batched decoding with a key/value cache. */
package io.tokenflex.generate;

/**
 * Captions against several references each: CIDEr, BLEU and ROUGE-L as pycocoevalcap 1.2 computes
 * them, and the tokenizer that comes before.
 */
package io.tokenflex.score.caption;

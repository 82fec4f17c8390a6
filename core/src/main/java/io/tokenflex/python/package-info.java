/**
 * Texts, numbers and literals as Python 3 reads and writes them, where Java's own differ: the rules
 * that published scores rest on are Python programs.
 */
package io.tokenflex.python;

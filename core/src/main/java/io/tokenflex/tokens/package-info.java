/** How many vision tokens an image becomes, and how that number is drawn for every step. */
package io.tokenflex.tokens;

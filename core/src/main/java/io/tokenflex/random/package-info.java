/** Random draws that are equal on every rank and after a resume. */
package io.tokenflex.random;

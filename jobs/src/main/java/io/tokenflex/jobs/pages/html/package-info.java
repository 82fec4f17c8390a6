/** Pieces of HTML pages that need nothing but themselves: charts, colours, pictures, style. */
package io.tokenflex.jobs.pages.html;

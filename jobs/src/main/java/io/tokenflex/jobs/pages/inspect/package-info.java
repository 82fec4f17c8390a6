/** What a prepared dataset holds, as text and as a page: to look at before training. */
package io.tokenflex.jobs.pages.inspect;

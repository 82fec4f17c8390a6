/** The one page that tells how a run went: charts, tables and examples without a network. */
package io.tokenflex.jobs.pages.report;

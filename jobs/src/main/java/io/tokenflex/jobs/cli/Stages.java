package io.tokenflex.jobs.cli;

import io.tokenflex.jobs.cli.JobCommand.Job;
import io.tokenflex.jobs.report.ReportJob;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** What each command does, so that {@code quickstart} does the same. */
final class Stages {
  private static final Logger log = LoggerFactory.getLogger(Stages.class);

  private Stages() {}

  static void report(Job job) throws Exception {
    log.info("report: {}", ReportJob.run(job.spark(), job.loaded(), job.runFolder()));
  }
}

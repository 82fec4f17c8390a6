package io.tokenflex.jobs.evaluate;

import io.tokenflex.samples.SampleSource;
import java.io.IOException;
import java.io.Serializable;
import org.apache.hadoop.conf.Configuration;

/** Opens the held-out dataset, on the driver to count row groups and in every task to read some. */
@FunctionalInterface
public interface HeldoutData extends Serializable {
  SampleSource open(Configuration hadoop) throws IOException;
}

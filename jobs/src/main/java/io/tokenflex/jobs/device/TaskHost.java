package io.tokenflex.jobs.device;

import java.net.InetAddress;
import java.net.UnknownHostException;

/** The machine of a task, for messages. */
public final class TaskHost {
  private TaskHost() {}

  /** Its name as it calls itself. */
  public static String name() {
    try {
      return InetAddress.getLocalHost().getHostName();
    } catch (UnknownHostException e) {
      return "a host without a name";
    }
  }
}

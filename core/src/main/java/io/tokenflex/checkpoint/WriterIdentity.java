package io.tokenflex.checkpoint;

import io.tokenflex.storage.RandomNames;
import java.io.IOException;
import java.io.Serializable;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.Optional;

/**
 * Who writes into a run: one lease of one process.
 *
 * @param id no other lease has it
 * @param machine where {@code pid} means this process: host, boot and process namespace
 * @param processStart tells the process from a later one of the same pid; empty if unknown
 * @param since when the lease began, ISO 8601
 */
public record WriterIdentity(
    String id,
    String host,
    String machine,
    long pid,
    String processStart,
    String user,
    String since)
    implements Serializable {

  /** A new lease of this process. */
  public static WriterIdentity ofThisProcess() {
    ProcessHandle process = ProcessHandle.current();
    String host = hostName();
    return new WriterIdentity(
        RandomNames.next(),
        host,
        host + " " + boot() + " " + processNamespace(),
        process.pid(),
        startOf(process),
        System.getProperty("user.name", "?"),
        now());
  }

  /** Now, in the form in which records hold it. */
  static String now() {
    return Instant.now().toString();
  }

  /** Whether the process can be looked up here and has ended. False says nothing. */
  boolean hasEnded() {
    if (!machine.equals(ofThisProcess().machine)) {
      return false;
    }
    Optional<ProcessHandle> process = ProcessHandle.of(pid).filter(ProcessHandle::isAlive);
    return process.isEmpty() || !startOf(process.get()).equals(processStart);
  }

  private static String startOf(ProcessHandle process) {
    return process.info().startInstant().map(Instant::toString).orElse("");
  }

  private static String hostName() {
    try {
      return InetAddress.getLocalHost().getHostName();
    } catch (UnknownHostException e) {
      return "unknown host";
    }
  }

  private static String boot() {
    try {
      return Files.readString(Path.of("/proc/sys/kernel/random/boot_id")).strip();
    } catch (IOException e) {
      return "";
    }
  }

  private static String processNamespace() {
    try {
      return Files.readSymbolicLink(Path.of("/proc/self/ns/pid")).toString();
    } catch (IOException | UnsupportedOperationException e) {
      return "";
    }
  }

  @Override
  public String toString() {
    return "process " + pid + " of " + user + " on " + host + " since " + since;
  }
}

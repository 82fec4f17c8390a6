package io.tokenflex.jobs.testing;

import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import org.apache.logging.log4j.Level;
import org.apache.logging.log4j.LogManager;
import org.apache.logging.log4j.core.LogEvent;
import org.apache.logging.log4j.core.Logger;
import org.apache.logging.log4j.core.appender.AbstractAppender;
import org.apache.logging.log4j.core.config.Configurator;
import org.apache.logging.log4j.core.config.Property;

/** What our classes log while it is open, from {@code INFO} on. */
public final class LogLines implements AutoCloseable {
  private static final String OURS = "io.tokenflex";

  private final List<String> lines = new CopyOnWriteArrayList<>();
  private final Logger logger = (Logger) LogManager.getLogger(OURS);
  private final Level before = logger.getLevel();
  private final AbstractAppender appender =
      new AbstractAppender("LogLines", null, null, true, Property.EMPTY_ARRAY) {
        @Override
        public void append(LogEvent event) {
          lines.add(event.getMessage().getFormattedMessage());
        }
      };

  private LogLines() {
    appender.start();
    Configurator.setLevel(OURS, Level.INFO);
    logger.addAppender(appender);
  }

  public static LogLines capture() {
    return new LogLines();
  }

  /** The lines that hold a text, in their order. */
  public List<String> containing(String text) {
    return lines.stream().filter(line -> line.contains(text)).toList();
  }

  @Override
  public void close() {
    logger.removeAppender(appender);
    Configurator.setLevel(OURS, before);
    appender.stop();
  }
}

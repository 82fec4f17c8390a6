package io.tokenflex.dataprep.dedup;

import java.util.ArrayDeque;
import java.util.Iterator;
import java.util.NoSuchElementException;
import java.util.Queue;
import java.util.function.BiConsumer;
import java.util.function.Consumer;

/** Lazy iterators, which hold the results of one element at a time. */
final class Streams {
  private Streams() {}

  /** Calls {@code step} with each element and iterates over the results it emits. */
  static <A, B> Iterator<B> flatMap(Iterator<A> elements, BiConsumer<A, Consumer<B>> step) {
    Queue<B> results = new ArrayDeque<>();
    return new Iterator<>() {
      @Override
      public boolean hasNext() {
        while (results.isEmpty() && elements.hasNext()) {
          step.accept(elements.next(), results::add);
        }
        return !results.isEmpty();
      }

      @Override
      public B next() {
        if (!hasNext()) {
          throw new NoSuchElementException();
        }
        return results.remove();
      }
    };
  }
}

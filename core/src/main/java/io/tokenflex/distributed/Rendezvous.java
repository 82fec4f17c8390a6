package io.tokenflex.distributed;

import java.util.List;

/** Where ranks meet before they can talk directly: hands everybody's message to everybody, once. */
public interface Rendezvous {
  int rank();

  int worldSize();

  /** Every rank's message, by rank; blocks until all ranks have called it. */
  List<String> exchange(String message);
}

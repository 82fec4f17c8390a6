/**
 * What happens in a training, told by its ranks to the driver: typed events, a socket that carries
 * them as lines of JSON, and the sinks that they end in. Knows no Spark; both ends of the socket
 * are tried in one JVM.
 */
package io.tokenflex.jobs.events;

package io.tokenflex.dataprep.testing;

import java.io.IOException;
import java.net.URI;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;

/**
 * S3Proxy on a free port of 127.0.0.1, with its objects in memory. Called by reflection: its jars
 * are not on the class path, where Hadoop needs an earlier AWS SDK.
 */
public final class S3Server implements AutoCloseable {
  private final URLClassLoader loader;
  private final Object store;
  private final Object proxy;

  private S3Server(URLClassLoader loader) throws ReflectiveOperationException {
    this.loader = loader;
    this.store =
        loader
            .loadClass("org.gaul.s3proxy.nio2blob.TransientNio2BlobStore")
            .getConstructor()
            .newInstance();
    Class<?> proxyClass = loader.loadClass("org.gaul.s3proxy.S3Proxy");
    Class<?> builderClass = loader.loadClass("org.gaul.s3proxy.S3Proxy$Builder");
    Class<?> storeClass = loader.loadClass("org.gaul.s3proxy.blobstore.BlobStore");
    Object builder = proxyClass.getMethod("builder").invoke(null);
    builderClass.getMethod("blobStore", storeClass).invoke(builder, store);
    builderClass.getMethod("endpoint", URI.class).invoke(builder, URI.create("http://127.0.0.1:0"));
    this.proxy = builderClass.getMethod("build").invoke(builder);
    proxyClass.getMethod("start").invoke(proxy);
  }

  /** Starts the server whose jars lie in a folder. */
  public static S3Server start(Path jars) throws ReflectiveOperationException, IOException {
    List<URL> urls = new ArrayList<>();
    try (Stream<Path> files = Files.list(jars)) {
      for (Path jar : files.toList()) {
        urls.add(jar.toUri().toURL());
      }
    }
    return new S3Server(
        new URLClassLoader(urls.toArray(URL[]::new), ClassLoader.getPlatformClassLoader()));
  }

  public String endpoint() {
    try {
      return "http://127.0.0.1:" + proxy.getClass().getMethod("getPort").invoke(proxy);
    } catch (ReflectiveOperationException e) {
      throw new IllegalStateException(e);
    }
  }

  public void createBucket(String name) throws ReflectiveOperationException {
    store.getClass().getMethod("createContainer", String.class).invoke(store, name);
  }

  @Override
  public void close() throws ReflectiveOperationException, IOException {
    proxy.getClass().getMethod("stop").invoke(proxy);
    loader.close();
  }
}

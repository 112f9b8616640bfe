package routes.web;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import org.apache.camel.CamelContext;
import org.apache.camel.support.ResourceHelper;

/**
 * The files of the page, from the class path. Read by Camel, which also finds those of camel-jbang.
 */
record PageFiles(CamelContext context) {
  byte[] read(String name) {
    try (InputStream in =
        ResourceHelper.resolveMandatoryResourceAsInputStream(context, "classpath:page/" + name)) {
      return in.readAllBytes();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}

package routes;

import org.apache.camel.main.Main;

public final class EdgeRuntime {
  public static void main(String... args) throws Exception {
    new Main(EdgeRuntime.class).run(args);
  }
}

import org.apache.camel.dsl.jbang.core.commands.CamelJBangMain;

/** The main method that camel-jbang-core leaves to JBang. */
final class Camel {
  public static void main(String... args) {
    CamelJBangMain.run(args);
  }
}

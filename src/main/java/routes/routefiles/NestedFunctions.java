package routes.routefiles;

import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.apache.camel.CamelContext;
import org.apache.camel.Expression;
import org.apache.camel.Predicate;
import org.apache.camel.language.simple.SimpleLanguage;
import org.apache.camel.language.simple.types.SimpleIllegalSyntaxException;

/**
 * Simple that rejects unknown functions when the route is created. Camel parses a function that
 * contains another one, such as {@code ${average(${body})}}, only when a message arrives.
 */
public final class NestedFunctions extends SimpleLanguage {
  private static final String UNKNOWN = "Unknown function: ";

  /** A function that contains no other. */
  private static final Pattern FUNCTION = Pattern.compile("\\$(?:simple)?\\{([^{}]*)}");

  /** Placeholder for the value of an inner function. */
  private static final String VALUE = "\uE000";

  /** A name that ends before the first value; ${${header.name}} may be any function. */
  private static final Pattern NAMED = Pattern.compile("\\w[\\w-]*[^\\w-" + VALUE + "]");

  /** Makes the context use it as its language simple. */
  public static void useIn(CamelContext context) {
    context.getRegistry().bind("simple-language", new NestedFunctions());
  }

  @Override
  public Expression createExpression(String text) {
    check(text);
    return super.createExpression(text);
  }

  @Override
  public Predicate createPredicate(String text) {
    check(text);
    return super.createPredicate(text);
  }

  private void check(String text) {
    String rest = text;
    for (Matcher found; (found = FUNCTION.matcher(rest)).find(); ) {
      String function = found.group(1);
      if (function.contains(VALUE) && NAMED.matcher(function).lookingAt()) {
        checkName("${" + function.replace(VALUE, "1") + "}");
      }
      rest = rest.substring(0, found.start()) + VALUE + rest.substring(found.end());
    }
  }

  private void checkName(String function) {
    try {
      super.createExpression(function);
    } catch (SimpleIllegalSyntaxException e) {
      if (String.valueOf(e.getMessage()).contains(UNKNOWN)) {
        throw e; // other errors may be due to the value
      }
    }
  }
}

package routes.routefiles;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.Collection;
import net.thisptr.jackson.jq.Function;
import net.thisptr.jackson.jq.JsonQuery;
import net.thisptr.jackson.jq.PathOutput;
import net.thisptr.jackson.jq.Scope;
import net.thisptr.jackson.jq.Versions;
import net.thisptr.jackson.jq.exception.JsonQueryException;
import org.apache.camel.Exchange;
import org.apache.camel.Expression;
import org.apache.camel.ExpressionIllegalSyntaxException;
import org.apache.camel.language.jq.JqExpression;
import org.apache.camel.language.jq.JqLanguage;
import routes.uplink.InvalidMessageException;

/**
 * The language jq that reports an invalid expression in one line when the route is created. A
 * message on which an expression fails is an {@link InvalidMessageException}, since no retry would
 * succeed. Endless recursion fails, as does {@code range} beyond 100,000 values per message, since
 * jackson-jq itself has no limits. As in jq, a condition is true unless its result is false or
 * null; Camel's condition is also false for numbers and text.
 */
public final class StrictJq extends JqLanguage {
  private static final int LONGEST = 200;
  private static final int MOST_VALUES = 100_000;

  /** How many values range has produced in this evaluation. */
  private static final ThreadLocal<int[]> VALUES = ThreadLocal.withInitial(() -> new int[1]);

  @Override
  public void init() {
    super.init();
    alias("fromdate", "fromdateiso8601");
    alias("todate", "todateiso8601");
    for (int arguments = 1; arguments <= 3; arguments++) {
      limitRange(arguments);
    }
  }

  /** The only function that loops without recursion; recursion ends with the stack. */
  private void limitRange(int count) {
    Function range = getRootScope().getFunction("range", count);
    getRootScope()
        .addFunction(
            "range",
            count,
            (scope, arguments, in, path, output, version) -> {
              int[] values = VALUES.get();
              PathOutput counted =
                  (value, place) -> {
                    if (values[0]++ >= MOST_VALUES) {
                      throw new JsonQueryException(
                          "range yields more than " + MOST_VALUES + " values");
                    }
                    output.emit(value, place);
                  };
              range.apply(scope, arguments, in, path, counted, version);
            });
  }

  /** Adds a function of jq that this implementation has under its longer name only. */
  private void alias(String name, String function) {
    getRootScope()
        .addFunction(
            name,
            0,
            (scope, arguments, in, path, output, version) ->
                scope.getFunction(function, 0).apply(scope, arguments, in, path, output, version));
  }

  @Override
  public Expression createExpression(Expression source, String text, Object[] properties) {
    Scope scope = Scope.newChildScope(getRootScope());
    check(scope, text);
    Strict expression = new Strict(scope, text);
    expression.setResultType(property(Class.class, properties, 0, null));
    expression.setSource(source);
    expression.init(getCamelContext());
    return expression;
  }

  private static void check(Scope scope, String text) {
    try {
      JsonQuery query = JsonQuery.compile(text, Versions.JQ_1_7);
      JqFunctions.missing(query, scope)
          .ifPresent(
              name -> {
                throw invalid(text, "function " + name + " does not exist");
              });
    } catch (JsonQueryException e) {
      throw invalid(text, firstLine(e));
    }
  }

  private static ExpressionIllegalSyntaxException invalid(String text, String reason) {
    return new ExpressionIllegalSyntaxException(
        "invalid jq: " + reason + " in: " + text.strip().lines().findFirst().orElse(""));
  }

  private static String firstLine(Throwable e) {
    Throwable cause = e;
    while (cause.getCause() != null) {
      cause = cause.getCause();
    }
    String text =
        cause.getMessage() == null ? cause.getClass().getSimpleName() : cause.getMessage();
    String line = text.lines().findFirst().orElse("");
    return line.length() > LONGEST ? line.substring(0, LONGEST) + "..." : line;
  }

  private static final class Strict extends JqExpression {
    Strict(Scope scope, String text) {
      super(scope, text);
    }

    @Override
    public Object evaluate(Exchange exchange) {
      VALUES.get()[0] = 0;
      try {
        return super.evaluate(exchange);
      } catch (StackOverflowError e) {
        throw failed("the recursion is too deep or endless");
      } catch (RuntimeException e) {
        throw failed(firstLine(e));
      }
    }

    private InvalidMessageException failed(String reason) {
      return new InvalidMessageException(
          "jq " + getExpressionText().strip() + " failed: " + reason);
    }

    @Override
    public boolean matches(Exchange exchange) {
      Object value = evaluate(exchange);
      if (value instanceof JsonNode node) {
        return !node.isBoolean() || node.booleanValue();
      }
      return value instanceof Collection<?> several ? !several.isEmpty() : value != null;
    }
  }
}

package routes.routefiles;

import com.fasterxml.jackson.databind.JsonNode;
import java.lang.reflect.Field;
import java.lang.reflect.Modifier;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import net.thisptr.jackson.jq.JsonQuery;
import net.thisptr.jackson.jq.Scope;

/**
 * The functions that a jq expression defines and calls. jackson-jq looks a function up when it is
 * called, and its tree is not public. Evaluating the expression instead would take unlimited time
 * and memory.
 */
final class JqFunctions {
  private static final String TREE = "net.thisptr.jackson.jq.internal.";
  private static final String CALL = "FunctionCall";
  private static final String DEFINITION = "FunctionDefinition";

  private final Set<String> defined = new HashSet<>();
  private final List<String> called = new ArrayList<>();

  private JqFunctions() {}

  /**
   * A function that an expression calls and that does not exist, such as {@code avg/0}.
   *
   * @param scope the functions that every expression may call
   */
  static Optional<String> missing(JsonQuery query, Scope scope) {
    JqFunctions functions = new JqFunctions();
    try {
      functions.visit(query);
    } catch (ReflectiveOperationException | RuntimeException e) {
      return Optional.empty(); // another release of jackson-jq; a call then fails per message
    }
    return functions.called.stream()
        .filter(name -> !functions.defined.contains(name) && !exists(name, scope))
        .findFirst();
  }

  private static boolean exists(String name, Scope scope) {
    int slash = name.lastIndexOf('/');
    return scope.getFunction(name.substring(0, slash), Integer.parseInt(name.substring(slash + 1)))
        != null;
  }

  private void visit(Object node) throws ReflectiveOperationException {
    if (node instanceof Iterable<?> several && !(node instanceof JsonNode)) {
      for (Object each : several) {
        visit(each);
      }
      return;
    }
    if (node == null || !isTree(node.getClass())) {
      return;
    }
    record(node);
    for (Class<?> type = node.getClass(); isTree(type); type = type.getSuperclass()) {
      for (Field field : type.getDeclaredFields()) {
        if (!Modifier.isStatic(field.getModifiers()) && !field.getType().isPrimitive()) {
          visit(value(node, field));
        }
      }
    }
  }

  private static boolean isTree(Class<?> type) {
    return type == JsonQuery.class || type.getName().startsWith(TREE) && !type.isEnum();
  }

  private void record(Object node) throws ReflectiveOperationException {
    String type = node.getClass().getSimpleName();
    if (type.equals(CALL) && value(node, "moduleName") == null) {
      called.add(value(node, "name") + "/" + ((List<?>) value(node, "args")).size());
    } else if (type.equals(DEFINITION)) {
      List<?> parameters = (List<?>) value(node, "args");
      defined.add(value(node, "fname") + "/" + parameters.size());
      for (Object parameter : parameters) {
        defined.add(parameter.toString().replace("$", "") + "/0");
      }
    }
  }

  private static Object value(Object node, String field) throws ReflectiveOperationException {
    return value(node, node.getClass().getDeclaredField(field));
  }

  private static Object value(Object node, Field field) throws ReflectiveOperationException {
    field.setAccessible(true);
    return field.get(node);
  }
}

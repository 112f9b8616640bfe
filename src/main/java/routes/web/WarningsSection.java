package routes.web;

import java.util.List;
import java.util.function.BooleanSupplier;
import routes.log.RecentWarnings;

/**
 * The newest warnings and errors of the log.
 *
 * @param kept whether this process keeps them
 */
record WarningsSection(BooleanSupplier kept) implements Section {
  @Override
  public String id() {
    return "warnings";
  }

  @Override
  public String html() {
    List<RecentWarnings.Warning> warnings = RecentWarnings.newest();
    if (!kept.getAsBoolean()) {
      return "<p class=\"empty\">Not kept under camel-jbang; its own log has them.</p>";
    }
    if (warnings.isEmpty()) {
      return "<p class=\"empty\">None since the start.</p>";
    }
    Html html = new Html().raw("<ol class=\"log\">");
    for (RecentWarnings.Warning warning : warnings) {
      html.raw("<li>").time(warning.time()).raw(" <span class=\"pill ");
      html.raw(warning.error() ? "bad\">Error" : "wait\">Warning").raw("</span> ");
      html.element("b", warning.logger()).raw(" <span>").text(warning.text()).raw("</span></li>");
    }
    return html.raw("</ol>").toString();
  }
}

package routes;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.Reader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Properties;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import javax.xml.parsers.DocumentBuilderFactory;
import javax.xml.xpath.XPath;
import javax.xml.xpath.XPathConstants;
import javax.xml.xpath.XPathExpressionException;
import javax.xml.xpath.XPathFactory;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.w3c.dom.Document;
import org.w3c.dom.NodeList;
import routes.log.ConsoleLog;

/** application-jbang.properties agrees with pom.xml and ConsoleLog. */
class CamelJBangProfileTest {
  private static final Pattern PLACEHOLDER = Pattern.compile("\\$\\{(.+?)}");

  private final XPath xpath = XPathFactory.newInstance().newXPath();
  private final Properties profile = new Properties();
  private Document pom;

  @BeforeEach
  void read() throws Exception {
    pom =
        DocumentBuilderFactory.newDefaultInstance()
            .newDocumentBuilder()
            .parse(Path.of("pom.xml").toFile());
    try (Reader text = Files.newBufferedReader(Path.of("application-jbang.properties"))) {
      profile.load(text);
    }
  }

  @Test
  void usesTheLibrariesOfTheBuild() throws Exception {
    assertThat(profile.getProperty("camel.jbang.dependencies").split(","))
        .containsExactlyElementsOf(dependencies());
  }

  @Test
  void usesTheCamelVersionOfTheBuild() throws Exception {
    assertThat(profile.getProperty("camel.jbang.camelVersion"))
        .isEqualTo(text(pom, "/project/properties/camel.version"));
  }

  @Test
  void suppressesTheSameLogLines() {
    assertThat(ConsoleLog.SECRETIVE)
        .allSatisfy(
            name -> assertThat(profile.getProperty("logging.level." + name)).isEqualTo("INFO"));
    assertThat(ConsoleLog.VERBOSE)
        .allSatisfy(
            name -> assertThat(profile.getProperty("logging.level." + name)).isEqualTo("WARN"));
  }

  private List<String> dependencies() throws Exception {
    NodeList nodes =
        (NodeList)
            xpath.evaluate(
                "/project/dependencies/dependency[not(scope)]", pom, XPathConstants.NODESET);
    List<String> found = new ArrayList<>();
    for (int i = 0; i < nodes.getLength(); i++) {
      String group = text(nodes.item(i), "groupId");
      String name = text(nodes.item(i), "artifactId");
      found.add(
          group.equals("org.apache.camel")
              ? name.replaceFirst("camel-", "camel:")
              : group + ":" + name + ":" + resolved(text(nodes.item(i), "version")));
    }
    return found;
  }

  private String resolved(String value) {
    return PLACEHOLDER
        .matcher(value)
        .replaceAll((MatchResult key) -> text(pom, "/project/properties/" + key.group(1)));
  }

  private String text(Object node, String path) {
    try {
      return xpath.evaluate(path, node);
    } catch (XPathExpressionException e) {
      throw new IllegalArgumentException(path, e);
    }
  }
}

package routes;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;
import static org.assertj.core.api.Assertions.assertThat;

import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** The packages, and which of them may import which others. */
class PackagesTest {
  /**
   * From top to bottom. A package may import those to its right in its row, and those in lower
   * rows.
   */
  private static final List<List<String>> ROWS =
      List.of(
          List.of("bundles"),
          List.of("routefiles"),
          List.of("operations"),
          List.of("web"),
          List.of("history"),
          List.of("azure", "aws", "google", "pubsub", "mqtt"),
          List.of("link"),
          List.of("commands"),
          List.of("host", "sample"),
          List.of("timer", "steps"),
          List.of("jetstream"),
          List.of("bus"),
          List.of("uplink"),
          List.of("tls", "settings", "log"));

  private static final List<String> KINDS = ROWS.get(4);
  private static final JavaClasses CLASSES =
      new ClassFileImporter().importPath(Path.of("target/classes"));

  @Test
  void everyPackageIsListed() {
    List<String> known = ROWS.stream().flatMap(List::stream).map(name -> "routes." + name).toList();
    assertThat(CLASSES.stream().map(type -> type.getPackageName()).distinct())
        .allMatch(name -> name.equals("routes") || known.contains(name));
    assertThat(CLASSES).hasSizeGreaterThan(150);
  }

  @Test
  void packagesHaveNoCycles() {
    slices().matching("routes.(*)").should().beFreeOfCycles().check(CLASSES);
  }

  @Test
  void nothingImportsTheTopPackage() {
    noClasses()
        .that()
        .resideInAPackage("routes.*")
        .should()
        .dependOnClassesThat()
        .resideInAPackage("routes")
        .check(CLASSES);
  }

  @Test
  void importsPointDownwards() {
    List<String> above = new ArrayList<>();
    for (List<String> row : ROWS) {
      if (!above.isEmpty()) {
        noClasses()
            .that()
            .resideInAnyPackage(packages(row))
            .should()
            .dependOnClassesThat()
            .resideInAnyPackage(packages(above))
            .check(CLASSES);
      }
      above.addAll(row);
    }
  }

  @Test
  void gatewayKindsDoNotImportEachOther() {
    for (String kind : KINDS) {
      List<String> others = KINDS.stream().filter(other -> !other.equals(kind)).toList();
      noClasses()
          .that()
          .resideInAPackage("routes." + kind)
          .should()
          .dependOnClassesThat()
          .resideInAnyPackage(packages(others))
          .check(CLASSES);
    }
  }

  @Test
  void onlyLinkImportsMqttLibraries() {
    only("link", "org.eclipse.paho..", "org.apache.camel.component.paho..", "io.netty..");
  }

  @Test
  void onlyBusAndJetstreamImportJnats() {
    noClasses()
        .that()
        .resideOutsideOfPackages("routes.bus", "routes.jetstream")
        .should()
        .dependOnClassesThat()
        .resideInAPackage("io.nats..")
        .check(CLASSES);
  }

  private static void only(String owner, String... libraries) {
    noClasses()
        .that()
        .resideOutsideOfPackage("routes." + owner)
        .should()
        .dependOnClassesThat()
        .resideInAnyPackage(libraries)
        .check(CLASSES);
  }

  private static String[] packages(List<String> names) {
    return names.stream().map(name -> "routes." + name).toArray(String[]::new);
  }
}

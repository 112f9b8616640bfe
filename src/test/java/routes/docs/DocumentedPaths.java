package routes.docs;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;

/** The files of the repository that a block names. */
final class DocumentedPaths {
  private static final Pattern PATH =
      Pattern.compile(
          "(?<![\\w./:-])(?:\\./)?"
              + "(?:(?:cloud|docs|monitoring|routes-yaml|src|synpse|tools)/[\\w./{},-]*[\\w}]"
              + "|(?:run|bench|faults)(?= |$)|jvm\\.options|nats\\.conf|compose\\.yaml)");
  private static final Pattern ALTERNATIVES = Pattern.compile("(.*)\\{(.*)}(.*)");

  /** Files that cloud/<cloud>/setup writes. */
  private static final Pattern WRITTEN = Pattern.compile("cloud/\\w+/(edge|hub)-1\\.\\w+");

  private DocumentedPaths() {}

  /** The files that neither exist nor are written by a command of the block. */
  static Set<String> missing(Block block) {
    Set<String> missing = new TreeSet<>();
    PATH.matcher(block.text().replace("\\\n", " "))
        .results()
        .map(MatchResult::group)
        .filter(path -> !WRITTEN.matcher(path).matches())
        .filter(path -> !block.text().contains("> " + path))
        .flatMap(path -> alternatives(path).stream())
        .filter(path -> !Files.exists(Path.of(path)))
        .forEach(missing::add);
    return missing;
  }

  private static List<String> alternatives(String path) {
    var matcher = ALTERNATIVES.matcher(path);
    if (!matcher.matches()) {
      return List.of(path);
    }
    List<String> all = new ArrayList<>();
    for (String each : matcher.group(2).split(",")) {
      all.add(matcher.group(1) + each + matcher.group(3));
    }
    return all;
  }
}

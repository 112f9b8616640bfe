package routes.web;

/** A part of the page that is rebuilt while somebody looks at it. */
interface Section {
  /** The id of its element, of lower-case letters. */
  String id();

  /** The HTML inside its element. */
  String html();
}

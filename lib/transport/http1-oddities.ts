/** What a head may have against RFC 9112 without ceasing to be clear. */
export type HeadOddity =
  /** Empty lines or blanks before the status line. */
  | "EMPTY_LINE_FIRST"
  /** A version 1.x that there is not. */
  | "HTTP_VERSION"
  /** More or other blanks than one space between version, status and reason. */
  | "STATUS_LINE_BLANKS"
  /** A line that ends without a carriage return. */
  | "BARE_LF"
  /** A carriage return within a line. */
  | "BARE_CR"
  /** A field over several lines (obs-fold). */
  | "FOLDED_FIELD"
  /** Indented lines before the first field: not read. */
  | "INDENTED_FIRST"
  | "SPACE_BEFORE_COLON"
  /** A name that is no token. */
  | "FIELD_NAME"
  /** A value with control characters. */
  | "FIELD_VALUE"
  /** A line that is no field: kept as a value without a name. */
  | "NO_COLON"
  /** A length that is no number, where it counts for nothing. */
  | "CONTENT_LENGTH"
  /** The same length more than once. */
  | "CONTENT_LENGTH_REPEATED"
  | "LENGTH_AND_CHUNKS"
  /** A length or a coding for what has no body, such as 204. */
  | "LENGTH_WITHOUT_BODY"
  /** Its last coding is not `chunked`, or that stands there twice, or the version is 1.0. */
  | "TRANSFER_ENCODING";

/** Why bytes are no answer: it is not known what was answered, or whose answer it is. */
export type HeadProblem =
  | "NOT_HTTP"
  /** `HTTP/` and another version than 1. */
  | "HTTP_VERSION"
  | "STATUS_LINE"
  | "HEADERS_TOO_LONG"
  | "TOO_MANY_HEADERS"
  /** A length that is no number. */
  | "CONTENT_LENGTH"
  | "CONTENT_LENGTHS_DIFFER";

const linesMax = 12;
/** PostgreSQL writes statements, values and rows of people under these, and goes on with a tab in the next line. */
const ofStatements = /\b(ERROR|DETAIL|STATEMENT|CONTEXT|QUERY|NOTICE|LOCATION): |^\t/;
/** What it answers who asks too early, as its start does all the time. */
const tooEarly =
  /the database system is (starting up|not yet accepting connections|shutting down|in recovery mode)/;

/** Of what PostgreSQL (or the system that could not run it) wrote, the last lines about the server itself. */
export function wordsOfItself(output: string): string {
  return output
    .split("\n")
    .filter((line) => line.trim() !== "" && !ofStatements.test(line) && !tooEarly.test(line))
    .slice(-linesMax)
    .join("\n");
}

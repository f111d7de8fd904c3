/** The bounds of what is read for pages, in one process. Stated in docs/security.md. */
export const readingBounds = {
  /** Questions at once, and those of one person among them. */
  places: 4,
  placesPerPerson: 2,
  /** Of one person so many wait; more are refused at once. */
  waitingPerPerson: 8,
  patienceMs: 10_000,
  /** Connections that one question takes at once. */
  connectionsPerQuestion: 2,
  /** How long one question may take. */
  longestMs: 15_000,
};
/** When whoever was refused may come back. */
export const readAgainSeconds = 5;

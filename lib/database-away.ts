/**
 * Whether an error says that PostgreSQL cannot be reached or does not take work now, rather than that it refuses this
 * work: Node's connection failures, and the classes 08 (connection), 53 (resources) and 57P (shutting down) of
 * https://www.postgresql.org/docs/current/errcodes-appendix.html. After a lost connection it is unknown whether the
 * last statement was carried out.
 */
export function isDatabaseAway(error: unknown): boolean {
  if (!(error instanceof Error)) return false;
  const code = "code" in error ? String(error.code) : "";
  return (
    ["ECONNREFUSED", "ECONNRESET", "EPIPE", "ETIMEDOUT"].includes(code) ||
    /^(08|53|57P)/.test(code) ||
    /timeout exceeded when trying to connect|Connection terminated|Client has encountered a connection error/.test(
      error.message,
    )
  );
}

/** Node's failures to reach a server; the last two: its name cannot be looked up. */
const connectionCodes = [
  ...["ECONNREFUSED", "ECONNRESET", "EPIPE", "ETIMEDOUT", "EHOSTUNREACH", "ENETUNREACH"],
  ...["ENOTFOUND", "EAI_AGAIN"],
];
/** Prisma's own for a server that is not reached, too slow to reach, has closed the connection, or has too many. */
const prismaCodes = ["P1001", "P1002", "P1017", "P2037"];
const prismaKinds = [
  "DatabaseNotReachable",
  "ConnectionClosed",
  "SocketTimeout",
  "TooManyConnections",
];
const stateClasses = /^(08|53|57P)/;
const driverWords =
  /timeout exceeded when trying to connect|Connection terminated|Client has encountered a connection error/;

/**
 * Whether an error says that PostgreSQL cannot be reached or does not take work now, rather than that it refuses this
 * work: Node's connection failures, and the classes 08 (connection), 53 (resources) and 57P (shutting down) of
 * https://www.postgresql.org/docs/current/errcodes-appendix.html, also where Prisma wraps them. After a lost connection it
 * is unknown whether the last statement was carried out.
 */
export function isDatabaseAway(error: unknown): boolean {
  if (!(error instanceof Error)) return false;
  // 25006: a server that takes no writes, such as a primary that has become a standby.
  if ("code" in error && error.code === "25006") return true;
  const code = "code" in error ? String(error.code) : "";
  return (
    connectionCodes.includes(code) ||
    prismaCodes.includes(code) ||
    stateClasses.test(code) ||
    driverWords.test(error.message) ||
    isAwayBehindPrisma(error)
  );
}

/** A raw query's failure has one code for all; what the driver met stands in `meta`. */
function isAwayBehindPrisma(error: Error & { meta?: unknown }): boolean {
  const met = field(field(error.meta, "driverAdapterError"), "cause");
  const kind = String(field(met, "kind"));
  return prismaKinds.includes(kind) || stateClasses.test(String(field(met, "originalCode")));
}

function field(of: unknown, name: string): unknown {
  return typeof of === "object" && of !== null ? Reflect.get(of, name) : undefined;
}

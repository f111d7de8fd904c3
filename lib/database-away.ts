/** Node's failures to reach a server; the last two: its name cannot be looked up. */
const connectionCodes = [
  ...["ECONNREFUSED", "ECONNRESET", "EPIPE", "ETIMEDOUT", "EHOSTUNREACH", "ENETUNREACH"],
  ...["ENOTFOUND", "EAI_AGAIN"],
];
/** Prisma's own for a server that is not reached, too slow to reach, has closed the connection, or has too many. */
const prismaCodes = ["P1001", "P1002", "P1008", "P1017", "P2024", "P2037"];
const prismaKinds = [
  "DatabaseNotReachable",
  "ConnectionClosed",
  "SocketTimeout",
  "TooManyConnections",
];
const stateClasses = /^(08|53|57P|58)/;
/** A server that takes no writes, such as a primary that has become a standby. */
const readOnly = "25006";
const driverWords =
  /timeout exceeded when trying to connect|Connection terminated|Client has encountered a connection error/;
const busyCodes = ["57014", "55P03", "25P03", "P2028"];
const fullCode = "53100";

/**
 * Whether an error says that PostgreSQL cannot be reached or does not take work now, rather than that it refuses this
 * work: Node's connection failures, Prisma's names for them, and the classes 08 (connection), 53 (resources, such as a full
 * disk), 57P (shutting down) and 58 (system) of https://www.postgresql.org/docs/current/errcodes-appendix.html, also where
 * Prisma wraps them. After a lost connection it is unknown whether the last statement was carried out.
 */
export function isDatabaseAway(error: unknown): boolean {
  if (!(error instanceof Error)) return false;
  return (
    codesOf(error).some(
      (code) =>
        code === readOnly ||
        connectionCodes.includes(code) ||
        prismaCodes.includes(code) ||
        stateClasses.test(code),
    ) ||
    prismaKinds.includes(String(field(causeOf(error), "kind"))) ||
    driverWords.test(error.message)
  );
}

/**
 * Whether PostgreSQL gave a statement up because it took too long or waited too long for a lock (57014, 55P03, 25P03 of the
 * same appendix), or Prisma gave a transaction up (P2028): nothing was carried out, and may be later. No pool of the product's
 * waits for either without a limit (lib/database-uses.ts).
 */
export function isDatabaseBusy(error: unknown): boolean {
  return error instanceof Error && codesOf(error).some((code) => busyCodes.includes(code));
}

/** Whether it says that the database has no room on its disk. */
export function isDatabaseFull(error: unknown): boolean {
  return error instanceof Error && codesOf(error).includes(fullCode);
}

/** Of the error itself, and of PostgreSQL where Prisma tells it on: a raw query's failure has one code for all. */
function codesOf(error: Error): string[] {
  const cause = causeOf(error);
  const told = field(cause, "originalCode") ?? field(cause, "code");
  return [field(error, "code"), told].filter((code) => typeof code === "string");
}

const causeOf = (error: Error): unknown =>
  field(field(field(error, "meta"), "driverAdapterError"), "cause");

function field(of: unknown, name: string): unknown {
  return typeof of === "object" && of !== null ? Reflect.get(of, name) : undefined;
}

import { type DestinationStream, type Logger, pino } from "pino";

export type Log = Logger;

/** One line of JSON per entry on standard error, or to what a test listens by. Names that can hold a secret are censored wherever they stand. */
export function openLog(part: string, level: string, to?: DestinationStream): Log {
  const secret = [
    "authorization",
    "cookie",
    "password",
    "secret",
    "token",
    "body",
    "x-line-signature",
  ];
  return pino(
    {
      level,
      base: { part },
      timestamp: pino.stdTimeFunctions.isoTime,
      redact: {
        paths: secret.flatMap((name) => [`["${name}"]`, `*["${name}"]`, `*.*["${name}"]`]),
        censor: "[redacted]",
      },
    },
    to ?? pino.destination({ fd: 2, sync: false }),
  );
}

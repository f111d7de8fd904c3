import { createWriteStream } from "node:fs";

/** pino's number for `warn`. */
const warnLevel = 40;

export type ProductLog = {
  hear: (line: string) => void;
  close: () => Promise<void>;
};

/**
 * Keeps everything that the product's processes write, for tests that look through it, and passes on what an operator
 * should see: what is no entry of the log, and entries that warn.
 */
export function keepProductLog(path: string): ProductLog {
  const file = createWriteStream(path, { flags: "a", mode: 0o600 });
  return {
    hear: (line) => {
      file.write(`${line}\n`);
      if (levelOf(line) >= warnLevel) process.stderr.write(`${line}\n`);
    },
    close: () => new Promise((settle) => file.end(settle)),
  };
}

function levelOf(line: string): number {
  if (!line.startsWith("{")) return warnLevel;
  try {
    return Number(JSON.parse(line).level);
  } catch {
    return warnLevel;
  }
}

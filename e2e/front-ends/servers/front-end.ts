import { botHost, certificates, type IdentityFiles, type Place } from "#e2e/front-ends/place.ts";
import { freePorts, type Ports } from "#e2e/front-ends/ports.ts";
import type { RunningProcess } from "#e2e/front-ends/process.ts";

/** A front end that takes requests. */
export type FrontEnd = {
  ports: Ports;
  process: RunningProcess;
  /** What its operator does after a change of its configuration; null where the server has no such thing. */
  reload: (() => Promise<void> | void) | null;
};

/** What every front end is configured with. */
export type Ground = { ports: Ports; tls: IdentityFiles };

export async function ground(
  place: Place,
  name: string,
  identity = certificates.issue({ names: [botHost, "127.0.0.1"] }),
): Promise<Ground> {
  return { ports: await freePorts(), tls: place.identity(name, identity) };
}

/** The ports a configuration really listens on: some situations leave one out. */
export function portsIn(configuration: string, ports: Ports): number[] {
  return Object.values(ports).filter((port) => configuration.includes(`${port}`));
}

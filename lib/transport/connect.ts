import type { Socket } from "node:net";
import type { TargetPolicy } from "#lib/targets/policy.ts";
import { Deadline } from "./deadline.ts";
import type { Connection } from "./exchange.ts";
import { Http1Connection } from "./http1.ts";
import { type Http2Opening, type Http2Result, openHttp2 } from "./http2.ts";
import type { OriginMemory } from "./origin-memory.ts";
import type { Resolution, Resolve } from "./resolve.ts";
import { type Observation, phaseTimeoutMs } from "./schema.ts";
import type { Target } from "./target.ts";
import { connectTcp } from "./tcp.ts";
import type { TlsConnector, TlsResult } from "./tls.ts";
import type { TlsEvidence } from "./tls-evidence.ts";

/** Milliseconds per phase; a phase that was not entered is absent. */
export type ConnectTimes = { dns?: number; tcp?: number; tls?: number };

export type ConnectResult =
  | {
      ok: true;
      connection: Connection;
      times: ConnectTimes;
    }
  | {
      ok: false;
      observation: Observation;
      times: ConnectTimes;
      remoteAddress: string | null;
      evidence: TlsEvidence;
      /** What only operators may know. */
      note: string | null;
    };

export type ConnectDeps = {
  policy: TargetPolicy;
  resolve: Resolve;
  tls: TlsConnector;
  origins: OriginMemory;
};

/** Told of each phase that succeeded, as it ends. */
export type ConnectWatcher = {
  resolved(addresses: readonly string[], ms: number): void;
  connected(address: string, ms: number): void;
  secured(socket: Socket, protocol: "http/1.1" | "h2", ms: number): void;
};

/**
 * Opens one connection: name → guard → TCP → guard → TLS and, where agreed, HTTP/2's SETTINGS; each with its own 2 s. The guard judges the addresses that are
 * then connected to, and the one the socket really has: no second look-up could slip another in between.
 * `watcher` also asks for a full handshake; `onDead` is told when the connection has ended. Never rejects.
 */
export async function openConnection(
  target: Target,
  deps: ConnectDeps,
  onDead: (connection: Connection) => void,
  watcher?: ConnectWatcher,
): Promise<ConnectResult> {
  const times: ConnectTimes = {};
  const no = (
    observation: Observation,
    remoteAddress: string | null = null,
    note: string | null = null,
    evidence: TlsEvidence = {},
  ): ConnectResult => ({ ok: false, observation, times, remoteAddress, evidence, note });

  let clock = performance.now();
  const resolution = await resolveName(target, deps.resolve);
  if (!target.isLiteral) times.dns = performance.now() - clock;
  if (!resolution.ok) return no(dnsFailure(resolution.code), null, resolution.code);

  const verdict = deps.policy.checkAnswer(target.host, resolution.addresses);
  if (!target.isLiteral) {
    watcher?.resolved(verdict.allowed ? verdict.addresses : [], times.dns ?? 0);
  }
  clock = performance.now();
  if (!verdict.allowed) {
    times.tcp = performance.now() - clock;
    return no({ kind: "blocked_address" }, null, `refused address: ${verdict.why}`);
  }

  const tcp = await connectTcp(verdict.addresses, target.port, phaseTimeoutMs);
  times.tcp = performance.now() - clock;
  // The code tells operators a limit of this machine (EMFILE) from a closed port.
  if (!tcp.ok) return no(tcp.observation, null, noteOf(tcp.observation));
  const { socket } = tcp;
  const remoteAddress = socket.remoteAddress ?? null;
  if (remoteAddress === null) {
    socket.destroy();
    return no({ kind: "closed", phase: "tcp" });
  }
  const real = deps.policy.checkAnswer(target.host, [remoteAddress]);
  if (!real.allowed) {
    socket.destroy();
    return no({ kind: "blocked_address" }, null, `refused address after connecting: ${real.why}`);
  }
  watcher?.connected(remoteAddress, times.tcp);
  if (!target.secure) {
    return { ok: true, connection: new Http1Connection(socket, remoteAddress, onDead), times };
  }

  clock = performance.now();
  const origin = deps.origins.of(target.origin);
  const tls = await deps.tls.secure(socket, target, {
    timeoutMs: phaseTimeoutMs,
    resume: watcher === undefined,
    http1: origin.needsHttp1,
  });
  const leftMs = Math.max(1, phaseTimeoutMs - (performance.now() - clock));
  const session = tls.ok
    ? await beginHttp(tls, { authority: target.authority, origin, remoteAddress, leftMs, onDead })
    : tls;
  times.tls = performance.now() - clock;
  if (!session.ok) {
    const { observation, evidence } = session;
    return no(observation, remoteAddress, noteOf(observation), evidence);
  }
  if (tls.ok) watcher?.secured(tls.socket, tls.protocol, times.tls);
  return { ok: true, connection: session.connection, times };
}

function beginHttp(
  { socket, protocol }: Extract<TlsResult, { ok: true }>,
  opening: Http2Opening,
): Promise<Http2Result> | { ok: true; connection: Connection } {
  if (protocol === "h2") return openHttp2(socket, opening);
  const { remoteAddress, onDead } = opening;
  return { ok: true, connection: new Http1Connection(socket, remoteAddress, onDead) };
}

function resolveName(target: Target, resolve: Resolve): Promise<Resolution> | Resolution {
  if (target.isLiteral) return { ok: true, addresses: [target.host] };
  return new Promise((done) => {
    const deadline = new Deadline(phaseTimeoutMs, () => done({ ok: false, code: "ETIMEOUT" }));
    resolve(target.host).then(
      (resolution) => {
        deadline.clear();
        done(resolution);
      },
      () => {
        deadline.clear();
        done({ ok: false, code: "EDNS" });
      },
    );
  });
}

function dnsFailure(code: string): Observation {
  return code === "ETIMEOUT"
    ? { kind: "timed_out", phase: "dns" }
    : { kind: "failed", phase: "dns", code };
}

/** The code of a failure, where there is one. */
export function noteOf(observation: Observation): string | null {
  return "code" in observation ? observation.code : null;
}

import { TLSSocket } from "node:tls";
import type { UrlProblem } from "#lib/targets/schema.ts";
import { describeCertificate } from "./certificate.ts";
import { classify } from "./classify.ts";
import type { ConnectTimes, ConnectWatcher } from "./connect.ts";
import { toTenths } from "./outcome.ts";
import type { CertificateReport, Observation, WireStep } from "./schema.ts";
import type { Target } from "./target.ts";

type OnStep = (step: WireStep) => void;

/** Turns what the sender sees into steps; knows which one a failure belongs to. */
export type StepReporter = ConnectWatcher & {
  failed(seen: Observation, times: ConnectTimes, certificate: CertificateReport | null): void;
  ended(seen: Observation, protocol: "http/1.1" | "h2", ms: number | null): void;
};

/** The step of a URL that is refused before anything is looked up. */
export function refusedUrlStep(problem: UrlProblem): WireStep {
  return { step: "address", ok: false, ms: null, host: null, problem };
}

/**
 * Reports the address step at once, the others as they complete. The name's addresses come with the TCP step, so that a
 * refused address looks like a refused connection. Does not protect from somebody who measures the time with care.
 */
export function createStepReporter(target: Target, onStep: OnStep, now: Date): StepReporter {
  const passed = { ok: true } as const;
  const { port } = target;
  let addresses: readonly string[] = [];
  onStep({ ...passed, step: "address", ms: null, host: target.host, problem: null });
  return {
    resolved: (found, ms) => {
      addresses = found;
      onStep({ ...passed, step: "dns", ms: toTenths(ms) });
    },
    connected: (address, ms) =>
      onStep({ ...passed, step: "tcp", ms: toTenths(ms), addresses, address, port }),
    secured: (socket, protocol, ms) =>
      onStep({
        ...passed,
        step: "tls",
        ms: toTenths(ms),
        version: socket instanceof TLSSocket ? socket.getProtocol() : null,
        protocol,
        certificate: socket instanceof TLSSocket ? describeCertificate(socket, now) : null,
      }),
    failed: (seen, times, certificate) => {
      const known = looksRefused(seen) ? [] : addresses;
      onStep(failedStep({ port, addresses: known }, seen, times, certificate));
    },
    ended: (seen, protocol, ms) => {
      const ok = classify(seen).state === "delivered";
      const statusCode = seen.kind === "answered" ? seen.statusCode : null;
      const step = {
        step: "http",
        protocol,
        statusCode,
        ms: ms === null ? null : toTenths(ms),
      } as const;
      onStep({ ...step, ok });
    },
  };
}

function looksRefused(seen: Observation): boolean {
  return seen.kind === "blocked_address" || (seen.kind === "failed" && seen.phase === "tcp");
}

function failedStep(
  { port, addresses }: { port: number; addresses: readonly string[] },
  seen: Observation,
  times: ConnectTimes,
  certificate: CertificateReport | null,
): WireStep {
  const failed = { ok: false } as const;
  if (times.tls !== undefined) {
    const ms = toTenths(times.tls);
    return { ...failed, step: "tls", ms, version: null, protocol: null, certificate };
  }
  if (times.tcp !== undefined) {
    const ms = looksRefused(seen) ? null : toTenths(times.tcp);
    return { ...failed, step: "tcp", ms, addresses, address: null, port };
  }
  return { ...failed, step: "dns", ms: toTenths(times.dns ?? 0) };
}

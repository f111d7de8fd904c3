import { testSender } from "#e2e/servers/sending.ts";
import type { Sender } from "#lib/transport/sender.ts";
import { botHost } from "./place.ts";

/** A sender that finds `botHost`, and names below it, on this machine. */
export function senderToHere(ca: string): Sender {
  return testSender({
    ca,
    resolve: async (name) =>
      name === botHost || name.endsWith(`.${botHost}`)
        ? { ok: true, addresses: ["127.0.0.1"] }
        : { ok: false, code: "ENOTFOUND" },
  });
}

import { expect, test } from "vitest";
import { type CertificateSight, keptPerChannel } from "#lib/endpoint-health/keep-certificates.ts";
import { createCertificateSights } from "./certificate-sights.ts";

const sight = (fingerprint: string, overrides: Partial<CertificateSight> = {}) => ({
  ...{ channelId: "1", url: "https://bot.example.com/", fingerprint },
  ...{ notBefore: new Date(0), notAfter: new Date(1) },
  ...overrides,
});

function gathered() {
  const kept: string[] = [];
  /** First and last sight of each, in milliseconds before they were written down. */
  const ages: Record<string, [number, number]> = {};
  const state = { elapsedMs: 0, fails: false };
  const sights = createCertificateSights({
    keep: async (some) => {
      if (state.fails) throw new Error("away");
      kept.push(...some.map(({ channelId, fingerprint }) => `${channelId} ${fingerprint}`));
      for (const { fingerprint, firstAgoMs, agoMs } of some)
        ages[fingerprint] = [firstAgoMs, agoMs];
    },
    onFailure: () => undefined,
    elapsed: () => state.elapsedMs,
  });
  const see = async (...some: CertificateSight[]) => {
    kept.length = 0;
    for (const one of some) sights.note(one);
    await sights.flush();
    return [...kept];
  };
  return { see, state, sights, ages };
}

test("a certificate is written down at its first sight and once an hour, however many deliveries see it", async () => {
  const { see, state } = gathered();
  expect(await see(sight("a"), sight("a"), sight("a"))).toEqual(["1 a"]);
  expect(await see(sight("a"))).toEqual([]);
  state.elapsedMs = 3_600_000;
  expect(await see(sight("a"), sight("a"))).toEqual(["1 a"]);
});

test("what a server showed before is written down again when it is seen after a new one", async () => {
  const { see } = gathered();
  await see(sight("a"));
  expect(await see(sight("b"))).toEqual(["1 b"]);
  expect(await see(sight("a"), sight("b"))).toEqual(["1 a"]);
  expect(await see(sight("a"), sight("b"))).toEqual([]);
});

test("a new URL with the same certificate is written down", async () => {
  const { see } = gathered();
  await see(sight("a"));
  expect(await see(sight("a", { url: "https://other.example.com/" }))).toEqual(["1 a"]);
});

test("what could not be written down is, at its next sight", async () => {
  const { see, state } = gathered();
  state.fails = true;
  expect(await see(sight("a"))).toEqual([]);
  state.fails = false;
  expect(await see(sight("a"))).toEqual(["1 a"]);
});

test("a server with a certificate of its own for each connection fills no memory", async () => {
  const { see } = gathered();
  const many = Array.from({ length: 1_000 }, (_, index) => sight(`f${index}`));
  expect(await see(...many)).toHaveLength(keptPerChannel);
});

test("of two seen within one writing both are written down, with which came later", async () => {
  const { sights, state, ages } = gathered();
  const at = (elapsedMs: number, fingerprint: string) => {
    state.elapsedMs = elapsedMs;
    sights.note(sight(fingerprint));
  };
  at(0, "old");
  at(2_000, "new");
  state.elapsedMs = 5_000;
  await sights.flush();
  expect(ages).toEqual({ old: [5_000, 5_000], new: [3_000, 3_000] });
  // Servers behind one name: the old one is seen again after the others, and so is the new one.
  at(6_000, "third");
  at(7_000, "old");
  at(8_000, "new");
  state.elapsedMs = 10_000;
  await sights.flush();
  expect(ages).toEqual({ third: [4_000, 4_000], old: [3_000, 3_000], new: [2_000, 2_000] });
});

test("of more than are kept the newest are written down", async () => {
  const { see } = gathered();
  const many = Array.from({ length: keptPerChannel + 3 }, (_, index) => sight(`f${index}`));
  const written = await see(...many);
  expect(written).toHaveLength(keptPerChannel);
  expect(written.at(-1)).toBe(`1 f${keptPerChannel + 2}`);
});

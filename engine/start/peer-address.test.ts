import { expect, test } from "vitest";
import { visitorsOwnAddress } from "./peer-address.mjs";

const marks = [
  "x-forwarded-for",
  "x-forwarded-host",
  "x-forwarded-proto",
  "x-real-ip",
  "forwarded",
  "via",
];

test("who comes without a sign of a proxy is known by the connection", () => {
  for (const address of ["8.8.4.4", "10.0.0.7", "::1", "2606:4700::1111"]) {
    expect(visitorsOwnAddress({ host: "x" }, address)).toBe(address);
  }
  expect(visitorsOwnAddress({}, undefined)).toBeUndefined();
});

test("near by, a sign of a proxy is believed: its address is nobody's", () => {
  for (const mark of marks) {
    for (const address of [
      "127.0.0.1",
      "::ffff:127.0.0.1",
      "10.0.0.7",
      "172.17.0.1",
      "fd00::1",
      "100.64.0.1",
    ]) {
      expect([mark, address, visitorsOwnAddress({ [mark]: "8.8.8.8" }, address)]).toEqual([
        mark,
        address,
        undefined,
      ]);
    }
  }
});

test("from the internet, writing the sign of a proxy makes nobody unknown", () => {
  for (const mark of marks) {
    for (const address of ["8.8.4.4", "::ffff:8.8.4.4", "2606:4700::1111"]) {
      expect([mark, visitorsOwnAddress({ [mark]: "1.1.1.1" }, address)]).toEqual([mark, address]);
    }
  }
});

import { expect, test } from "vitest";
import { countedAddress } from "./limits.ts";

const counted = (address: string | null) => countedAddress({ address, userAgent: null });

test("tries are counted by the address of a visitor, but not by this machine's own", () => {
  expect(counted("192.0.2.7")).toBe("192.0.2.7");
  expect(counted("::ffff:192.0.2.7")).toBe("192.0.2.7");
  for (const own of ["127.0.0.1", "127.8.8.8", "::1", "::ffff:127.0.0.1"]) {
    expect([own, counted(own)]).toEqual([own, null]);
  }
  expect(counted(null)).toBe(null);
});

test("the addresses of one IPv6 connection, which are its owner's to choose, are counted as one", () => {
  const whole = counted("2001:db8:1:2::7");
  expect(counted("2001:db8:1:2:ffff:ffff:ffff:ffff")).toBe(whole);
  expect(counted("2001:0DB8:1:2::9%eth0")).toBe(whole);
  expect(counted("2001:db8:1:3::7")).not.toBe(whole);
});

test("a port that a proxy writes behind the address makes no new visitor", () => {
  expect(counted("192.0.2.7:41234")).toBe("192.0.2.7");
  expect(counted("[2001:db8:1:2::7]:41234")).toBe(counted("2001:db8:1:2::8"));
  expect(counted("127.0.0.1:41234")).toBe(null);
});

import ipaddr from "ipaddr.js";

const signsOfProxy = [
  "x-forwarded-for",
  "x-forwarded-host",
  "x-forwarded-proto",
  "x-real-ip",
  "forwarded",
  "via",
];

/**
 * The address of a connection where it is the visitor's own; undefined where a proxy may stand in between, whose address
 * would stand for everybody behind it. Anybody can write the signs of a proxy to be counted by no address: they are believed
 * of what is near, where proxies stand, and not of a connection that comes from the internet itself.
 */
export function visitorsOwnAddress(headers, remoteAddress) {
  const isMarked = signsOfProxy.some((sign) => headers[sign] !== undefined);
  return isMarked && !isPublic(remoteAddress) ? undefined : remoteAddress;
}

const isPublic = (address) =>
  address !== undefined && ipaddr.isValid(address) && ipaddr.process(address).range() === "unicast";

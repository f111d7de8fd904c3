/** An IPv4 address as people write it, also where the socket of both families gave it (`::ffff:192.0.2.7`, RFC 4291 2.5.5.2). */
export const plainAddress = (address: string): string =>
  address.replace(/^::ffff:(?=\d+\.\d+\.\d+\.\d+$)/i, "");

export function visitorsOwnAddress(
  headers: Readonly<Record<string, unknown>>,
  remoteAddress: string | undefined,
): string | undefined;

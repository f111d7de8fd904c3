const localSuffixes = ["localhost", "local", "internal", "localdomain", "home.arpa"];

// Names under which clouds serve instance credentials; `*.internal` covers Google's.
const metadataNames = new Set([
  "metadata",
  "instance-data",
  "metadata.azure.com",
  "metadata.tencentyun.com",
]);

/** A host name for comparison and for the TLS server name: lower case, without the root's dot. */
export function bareName(hostname: string): string {
  const lower = hostname.toLowerCase();
  return lower.endsWith(".") ? lower.slice(0, -1) : lower;
}

/** `localhost` and everything below it: always this machine (RFC 6761), whatever a DNS server says. */
export function isLocalhost(hostname: string): boolean {
  const name = bareName(hostname);
  return name === "localhost" || name.endsWith(".localhost");
}

/** Names that only mean something inside a network, and the names of metadata services. */
export function isLocalName(hostname: string): boolean {
  const name = bareName(hostname);
  return (
    metadataNames.has(name) ||
    localSuffixes.some((suffix) => name === suffix || name.endsWith(`.${suffix}`))
  );
}

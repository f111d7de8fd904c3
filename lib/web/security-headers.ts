/**
 * Scripts run only with the page's nonce, or when such a script loads them. Styles may stand in attributes: charts and
 * popovers place themselves by them, and a style cannot run code.
 */
export function contentSecurityPolicy(
  nonce: string,
  options: {
    development: boolean;
    /** Where a form's answer may lead: browsers hold redirects of forms against the policy too. */
    formTargets?: readonly string[];
  },
): string {
  return [
    "default-src 'self'",
    // React uses eval in development only, to rebuild stacks of the server.
    `script-src 'self' 'nonce-${nonce}' 'strict-dynamic'${options.development ? " 'unsafe-eval'" : ""}`,
    "style-src 'self' 'unsafe-inline'",
    "img-src 'self' data: blob:",
    "font-src 'self'",
    "connect-src 'self'",
    "object-src 'none'",
    "base-uri 'none'",
    ["form-action 'self'", ...(options.formTargets ?? [])].join(" "),
    "frame-ancestors 'none'",
  ].join("; ");
}

/** The nonce of the policy that proxy.ts gave a request; undefined where there is none. */
export function nonceOf(headers: { get: (name: string) => string | null }): string | undefined {
  return /'nonce-([^']+)'/.exec(headers.get("content-security-policy") ?? "")?.[1];
}

/** The headers of every answer; HSTS only where the console is reached by https. */
export function securityHeaders(secure: boolean): [name: string, value: string][] {
  const headers: [string, string][] = [
    ["x-content-type-options", "nosniff"],
    ["cross-origin-opener-policy", "same-origin"],
    // Not "no-referrer": with it browsers send `Origin: null` with forms, which then fail where JavaScript is off.
    ["referrer-policy", "same-origin"],
    ["permissions-policy", "camera=(), geolocation=(), microphone=(), payment=(), usb=()"],
    ["x-frame-options", "DENY"],
  ];
  if (secure) headers.push(["strict-transport-security", "max-age=31536000; includeSubDomains"]);
  return headers;
}

import "server-only";
import type { Provider } from "next-auth/providers";
import GitHub from "next-auth/providers/github";
import Google from "next-auth/providers/google";
import Line from "next-auth/providers/line";
import { verifiedPrimary } from "#lib/accounts/github-email.ts";
import type { ProviderSettings } from "#lib/accounts/provider-settings.ts";

/** A configured provider as next-auth takes it. */
export function nextAuthProvider(settings: ProviderSettings): Provider {
  const { clientId, clientSecret } = settings;
  switch (settings.id) {
    case "google":
      return Google({ clientId, clientSecret });
    case "line":
      return Line({ clientId, clientSecret });
    case "github":
      return GitHub({ clientId, clientSecret, userinfo: gitHubUserInfo });
    case "oidc":
      return {
        id: "oidc",
        name: settings.name,
        type: "oidc",
        issuer: settings.issuer ?? "",
        clientId,
        clientSecret,
        checks: ["pkce", "state", "nonce"],
        // Many servers keep address and name out of the id token: the userinfo endpoint has them.
        idToken: false,
        profile: (claims) => ({ id: String(claims.sub), name: claims.name, email: claims.email }),
      };
  }
}

/** next-auth takes any address that GitHub names; we need to know whether it was verified. */
const gitHubUserInfo = {
  url: "https://api.github.com/user",
  request: async ({ tokens }: { tokens: { access_token?: string } }) => {
    const ask = async (path: string): Promise<unknown> => {
      const response = await fetch(`https://api.github.com${path}`, {
        headers: { authorization: `Bearer ${tokens.access_token ?? ""}`, "user-agent": "tocsin" },
      });
      if (!response.ok) throw new Error(`GitHub answered ${response.status} to ${path}`);
      return response.json();
    };
    const [user, emails] = await Promise.all([ask("/user"), ask("/user/emails")]);
    const email = verifiedPrimary(emails);
    return { ...(user as Record<string, unknown>), email, email_verified: email !== null };
  },
};

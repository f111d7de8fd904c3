import type { Server } from "node:http";
import Provider from "oidc-provider";

export type OidcPerson = { email: string; email_verified: boolean; name: string };
export type TestOidcServer = {
  issuer: string;
  /** Who signs in under which login; the login is the subject. */
  people: Map<string, OidcPerson>;
  stop: () => Promise<void>;
};

/** The client that the console is at this server. */
export const oidcClient = { id: "tocsin", secret: "a secret of forty characters for the tests" };

/** A real OpenID Connect server, with the pages for sign-in and consent that the library brings for development. */
export async function startTestOidcServer(
  port: number,
  consoleUrl: string,
): Promise<TestOidcServer> {
  const issuer = `http://localhost:${port}`;
  const people = new Map<string, OidcPerson>();
  const provider = new Provider(issuer, {
    clients: [
      {
        client_id: oidcClient.id,
        client_secret: oidcClient.secret,
        redirect_uris: [`${consoleUrl}/api/auth/callback/oidc`],
      },
    ],
    cookies: { keys: ["a key for the tests"] },
    claims: { openid: ["sub"], email: ["email", "email_verified"], profile: ["name"] },
    pkce: { required: () => true },
    findAccount: (_context, sub) => {
      const person = people.get(sub);
      return person && { accountId: sub, claims: () => ({ sub, ...person }) };
    },
  });
  const server: Server = provider.listen(port, "localhost");
  await new Promise<void>((settle) => server.once("listening", () => settle()));
  return {
    issuer,
    people,
    stop: async () => {
      server.closeAllConnections();
      await new Promise((settle) => server.close(settle));
    },
  };
}

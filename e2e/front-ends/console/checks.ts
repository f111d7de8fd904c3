import { once } from "node:events";
import { actionBody } from "#e2e/access/ask.ts";
import { readActions } from "#e2e/access/build.ts";
import type { BreakingLine } from "./breaking-line.ts";
import { type Answer, cookiesOf, filledForm, headerOf, type Visitor } from "./visitor.ts";
import type { World } from "./world.ts";

/** A console as people reach it: by the proxy's address. */
export type Reached = { world: World; origin: string; visitor: Visitor; line: BreakingLine };

/** Ends a wait for what a proxy holds back; how long anything takes is asked elsewhere. */
const patienceMs = 60_000;

/** Goes through everything a proxy can spoil. @throws Error saying what was not as it should be. */
export async function checkAll(reached: Reached): Promise<void> {
  await checkStart(reached);
  await signInWithScript(reached);
  const cookie = await signInByForm(reached);
  await checkRoute(reached, cookie);
  await checkLive(reached, cookie);
  await checkFile(reached, cookie);
  await checkForeign(reached, cookie);
}

/** Signed out, the way leads to the page to sign in, and never past the proxy. */
async function checkStart({ visitor, origin }: Reached): Promise<void> {
  for (const path of ["/", "/console", "/sign-in/"]) {
    const answer = await visitor.get(path);
    const { host, pathname } = new URL(headerOf(answer, "location"), `${origin}${path}`);
    expectThat(`${path} leads on`, answer.status >= 300 && answer.status < 400, answer);
    expectThat(`${path} stays at the address`, host === new URL(origin).host, answer);
    expectThat(`${path} leads to the console`, /^\/(console|sign-in)/.test(pathname), answer);
  }
}

/** As a browser does whose scripts run. */
async function signInWithScript({ visitor, world }: Reached): Promise<void> {
  const { email, password } = world;
  const id = (await readActions()).get("(auth)/actions.ts#signIn") ?? "";
  const send = (typed: string) =>
    visitor.post("/sign-in", {
      headers: { "next-action": id, accept: "text/x-component" },
      body: actionBody({ email, password: typed, next: "" }),
    });
  const refused = await send("not the password");
  expectThat("a wrong password is told", refused.body.includes("password is wrong"), refused);
  const answer = await send(password);
  const to = headerOf(answer, "x-action-redirect");
  expectThat("signing in with scripts leads on", to.startsWith("/console"), answer);
}

/** As a browser does without them. Gives the cookie. */
async function signInByForm({ visitor, world, origin }: Reached): Promise<string> {
  const { email, password } = world;
  const page = await visitor.get("/sign-in");
  const body = filledForm(page.body, { email, password });
  const answer = await visitor.post("/sign-in", { body });
  const to = new URL(headerOf(answer, "location"), origin);
  expectThat("signing in by a form leads on", answer.status === 303, answer);
  expectThat("signing in by a form leads home", to.href === `${origin}/console`, answer);
  const secure = origin.startsWith("https:");
  const set = headerOf(answer, "set-cookie");
  expectThat(
    "the cookie is secure where TLS is",
    set.includes("__Host-tocsin.session") === secure,
    answer,
  );
  const cookie = cookiesOf(answer);
  const home = await visitor.get("/console", { cookie });
  expectThat("the cookie signs in", home.status === 200, home);
  return cookie;
}

/** A change that is no form. */
async function checkRoute({ visitor, world }: Reached, cookie: string): Promise<void> {
  const path = `/console/channel/${world.channelId}/messaging-api/verify`;
  const answer = await visitor.post(path, { cookie });
  expectThat("a change by a script is not foreign", answer.status !== 403, answer);
}

/** What is told arrives when it is told, while the answer goes on. */
async function checkLive({ visitor, world }: Reached, cookie: string): Promise<void> {
  const path = `/console/channel/${world.channelId}/statistics/live?topic=errors`;
  const { statusCode, body } = await visitor.open(path, { cookie });
  let heard = "";
  body.setEncoding("utf8");
  body.on("data", (text: string) => {
    heard += text;
  });
  body.on("error", () => undefined);
  const until = async (event: string): Promise<void> => {
    const late = AbortSignal.timeout(patienceMs);
    while (!heard.includes(`event: ${event}\n`)) {
      await once(body, "data", { signal: late }).catch(() => {
        throw new Error(`live view (${statusCode}) never said ${event}; it said: ${heard}`);
      });
    }
  };
  await until("ready");
  await world.database.pool.query("select pg_notify('tocsin_live', $1)", [
    `errors:${world.channelId}`,
  ]);
  await until("change");
  body.destroy();
}

/** A long file comes whole, and one that breaks off tells that it is not. */
async function checkFile({ visitor, world, line }: Reached, cookie: string): Promise<void> {
  const path = `/console/channel/${world.channelId}/statistics/errors/tsv?range=90d`;
  const answer = await visitor.get(path, { cookie });
  const count = countRows(answer.body);
  expectThat(`the file has all rows (${count})`, count === world.rowCount, answer);
  // Some proxies have the console pack what it sends.
  line.breaksAfter = 100_000;
  let came = "";
  const { headers, body } = await visitor.open(path, { cookie });
  // Some proxies say that it broke off, others end it as if it were whole.
  try {
    for await (const chunk of body) came += chunk;
  } catch {
    came += "";
  }
  line.breaksAfter = null;
  const broken = { status: 200, headers, body: came };
  const rows = countRows(came);
  expectThat(`it broke off (${rows})`, rows > 0 && rows < world.rowCount, broken);
  const told = Number(headerOf(broken, "x-row-count"));
  expectThat(`the header has the rows (${told})`, told === world.rowCount, broken);
  const name = headerOf(broken, "content-disposition");
  expectThat(`the name has the rows (${name})`, name.includes(`-${world.rowCount}-rows.`), broken);
}

const countRows = (text: string): number =>
  text.split("\n").filter((line) => line.includes("\t503\t")).length;

/** A form that another site sends is refused, and does nothing. */
async function checkForeign({ visitor, world }: Reached, cookie: string): Promise<void> {
  const page = await visitor.get("/sign-in");
  const typed = { email: world.email, password: world.password };
  for (const from of [
    { origin: "https://evil.example", "sec-fetch-site": "cross-site" },
    { origin: "null", "sec-fetch-site": "cross-site" },
    { origin: "https://evil.example", "sec-fetch-site": "same-site" },
  ]) {
    const body = filledForm(page.body, typed);
    const forged = { ...from, "x-forwarded-host": "evil.example" };
    const answer = await visitor.post("/sign-in", { headers: forged, body });
    expectThat("a form of another site signs nobody in", cookiesOf(answer) === "", answer);
    expectThat("a form of another site is told", answer.body.includes("another site"), answer);
  }
  const path = `/console/channel/${world.channelId}/messaging-api/verify`;
  const headers = { origin: "https://evil.example", "sec-fetch-site": "cross-site" };
  const route = await visitor.post(path, { cookie, headers });
  expectThat("a change that another site asks for is refused", route.status === 403, route);
}

export function expectThat(what: string, holds: boolean, answer: Answer): void {
  if (holds) return;
  const { location } = answer.headers;
  const seen = `${answer.status}${location ? ` to ${location}` : ""}`;
  const words = answer.body.replace(
    /<script[\s\S]*?<\/script>|<style[\s\S]*?<\/style>|<[^>]*>/g,
    " ",
  );
  throw new Error(`${what}: ${seen}, ${words.replace(/\s+/g, " ").slice(0, 300)}`);
}

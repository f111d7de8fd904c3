import { type ProgramName, programs } from "#e2e/front-ends/packages.ts";
import { certificates, createPlace } from "#e2e/front-ends/place.ts";
import { freePorts, ownPort } from "#e2e/front-ends/ports.ts";
import type { Report } from "#e2e/harness/report.ts";
import { startBreakingLine } from "./breaking-line.ts";
import { checkAll, expectThat } from "./checks.ts";
import { proxies, type SetUp } from "./proxies.ts";
import { createVisitor, filledForm } from "./visitor.ts";
import { openWorld, type World } from "./world.ts";

const host = "console.example.com";

/** How somebody comes, and what their browser tells of where a form comes from. */
const ways = [
  { name: "HTTP/1.1", http2: false, modern: true },
  { name: "HTTP/2", http2: true, modern: true },
  { name: "HTTP/1.1, an older browser", http2: false, modern: false },
];

type Ground = Awaited<ReturnType<typeof prepare>>;

/** The console behind each server that people put in front of it, one line for each way to come. */
export async function reportConsole(
  report: Report,
  isWanted: (label: string, program: ProgramName) => boolean,
): Promise<void> {
  const wanted = proxies.filter((proxy) => isWanted(labelOf(proxy), proxy.program));
  if (wanted.length === 0) return;
  const everything = createPlace();
  try {
    const world = await openWorld();
    // Also when the tests are told to stop.
    everything.onClose(world.close);
    const ground = await prepare(world);
    for (const proxy of wanted) await reportProxy(report, world, ground, proxy);
  } finally {
    await everything.close();
  }
}

/** All proxies listen on the same ports, one after the other, as the address of a console is one. */
async function prepare(world: World) {
  const ports = await freePorts();
  const [secure, plain] = [await ownPort(), await ownPort()];
  const secureOrigin = `https://${host}:${ports.h2}`;
  const plainOrigin = `http://${host}:${ports.plain}`;
  await world.beginConsole(secure, secureOrigin);
  await world.beginConsole(plain, plainOrigin);
  const identity = certificates.issue({ names: [host] });
  return { ports, identity, secure, plain, secureOrigin, plainOrigin };
}

async function reportProxy(
  report: Report,
  world: World,
  { ports, identity, ...ground }: Ground,
  proxy: SetUp,
): Promise<void> {
  const tell = async (line: string, check: () => Promise<void>): Promise<void> => {
    // Nobody comes as often as all proxies together.
    await world.database.pool.query("delete from rate_limits");
    try {
      await check();
      report.passed(line);
    } catch (error) {
      report.failed(line, [error instanceof Error ? error.message : String(error)]);
    }
  };
  const visit = (origin: string, how: { http2: boolean; modern: boolean }) =>
    createVisitor(origin, { ca: certificates.ca, ...how });
  for (const [port, origin] of [
    [ground.secure, ground.secureOrigin],
    [ground.plain, ground.plainOrigin],
  ] as const) {
    const place = createPlace();
    const line = await startBreakingLine(port);
    place.onClose(line.close);
    try {
      await proxy.start(place, { ports, tls: place.identity("console", identity) }, line.port);
      const isPlain = origin === ground.plainOrigin;
      for (const way of ways) {
        if (isPlain && (way.http2 || way.modern)) continue;
        const label = `${labelOf(proxy)}, ${isPlain ? "plain HTTP" : way.name}`;
        const visitor = visit(origin, way);
        await tell(label, () => checkAll({ world, origin, visitor, line }));
        await visitor.leave();
      }
      if (isPlain) continue;
      await tell(`${labelOf(proxy)}, at another address than BASE_URL`, () =>
        checkWrongAddress(world, ground.plainOrigin, ground.secureOrigin),
      );
    } catch (error) {
      report.failed(labelOf(proxy), [`${error}`, place.logs()]);
    } finally {
      await place.close();
    }
  }
}

/** Whoever comes by another address is told which it is, which it should be, and what to do. */
async function checkWrongAddress(world: World, there: string, baseUrl: string): Promise<void> {
  const visitor = createVisitor(there, { ca: certificates.ca, http2: false, modern: false });
  const page = await visitor.get("/sign-in");
  const { email, password } = world;
  const body = filledForm(page.body, { email, password });
  const answer = await visitor.post("/sign-in", { body });
  await visitor.leave();
  for (const word of [there, baseUrl, "BASE_URL"]) {
    expectThat(`the form names ${word}`, answer.body.includes(word), answer);
  }
}

const labelOf = ({ program, what }: SetUp): string =>
  `console behind ${programs[program].name}, ${what}`;

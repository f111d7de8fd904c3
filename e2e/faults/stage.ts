import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type Cluster, startCluster } from "#e2e/harness/cluster.ts";
import { type MailCatcher, startMailCatcher } from "#e2e/harness/mail-catcher.ts";
import { copyPlace, openPlace, type Place } from "#e2e/harness/place.ts";
import { createCertificates } from "#e2e/servers/certificates.ts";
import { startTruthBotServer, type TruthBotServer } from "#e2e/servers/truth-bot-server.ts";
import { migrate } from "#prisma/migrate.ts";
import { administer, startThrowawayDatabase } from "#prisma/throwaway-database.ts";
import { openScene, type Scene } from "./scene.ts";

/** What a row plays on; whatever it opens is closed after it. */
export type Stage = {
  /** A database of its own in a cluster that rows share: it must not be hurt. */
  newPlace: () => Promise<Place>;
  /** A database in a cluster of its own, which may be. */
  newCluster: (
    settings?: readonly string[],
    home?: string,
  ) => Promise<{ cluster: Cluster; place: Place }>;
  newBot: () => Promise<TruthBotServer>;
  newMailCatcher: (options?: Parameters<typeof startMailCatcher>[0]) => Promise<MailCatcher>;
  newFolder: () => Promise<string>;
  /** A product that rows share whose fault lies outside it. */
  shared: () => Promise<Scene>;
  certificates: Certificates;
  /** Called after the row, the newest first. */
  after: (close: () => Promise<unknown>) => void;
};

export type Certificates = ReturnType<typeof createCertificates> & { file: string };

/** What all rows have in common. */
export type Theatre = {
  newStage: () => Stage & { clear: () => Promise<void> };
  close: () => Promise<void>;
};

const template = "faults_template";

export async function openTheatre(): Promise<Theatre> {
  const closers: (() => Promise<unknown>)[] = [];
  const close = async (): Promise<void> => {
    for (const one of closers.splice(0).reverse()) await one();
  };
  try {
    const database = await startThrowawayDatabase([
      ...["fsync=off", "synchronous_commit=off", "full_page_writes=off"],
      ...["shared_buffers=128MB", "max_connections=400"],
    ]);
    closers.push(database.stop);
    await administer(database.url, `create database ${template}`);
    await migrate(database.url.replace(/\/[^/]*$/, `/${template}`));
    const certificates = await makeCertificates(closers);
    const given = { clusterUrl: database.url, certificates };
    let scene: Promise<Scene> | undefined;
    const shared = (): Promise<Scene> => {
      scene ??= openShared(newStage()).catch((error: unknown) => {
        // The next row that asks begins it anew.
        scene = undefined;
        throw error;
      });
      return scene;
    };
    const newStage = () => createStage(given, shared);
    const openShared = async (stage: ReturnType<typeof newStage>): Promise<Scene> => {
      closers.push(stage.clear);
      return openScene(stage, { env: { TARGET_CA_FILE: certificates.file, ...patient } });
    };
    return { newStage, close };
  } catch (error) {
    await close();
    throw error;
  }
}

/** So many tries that what is mended meanwhile gets through. */
export const patient = {
  REDELIVERY_SCHEDULE: [...Array(10).fill("1s"), ...Array(10).fill("6s")].join(", "),
};

async function makeCertificates(closers: (() => Promise<unknown>)[]): Promise<Certificates> {
  const folder = await mkdtemp(join(tmpdir(), "tocsin-faults-"));
  closers.push(() => rm(folder, { recursive: true, force: true, maxRetries: 10 }));
  const made = createCertificates();
  const file = join(folder, "ca.pem");
  await writeFile(file, made.ca);
  return { ...made, file };
}

function createStage(
  { clusterUrl, certificates }: { clusterUrl: string; certificates: Certificates },
  shared: () => Promise<Scene>,
): Stage & { clear: () => Promise<void> } {
  const closers: (() => Promise<unknown>)[] = [];
  const keep = <T extends { close: () => Promise<unknown> }>(one: T): T => {
    closers.push(() => one.close());
    return one;
  };
  return {
    certificates,
    shared,
    after: (close) => closers.push(close),
    newPlace: async () => keep(await copyPlace(clusterUrl, template)),
    newCluster: async (settings, home) => {
      const cluster = await startCluster({
        ...(settings === undefined ? {} : { settings }),
        ...(home === undefined ? {} : { home }),
      });
      closers.push(cluster.remove);
      return { cluster, place: keep(await openPlace(cluster.url)) };
    },
    newBot: async () => keep(await startTruthBotServer()),
    newMailCatcher: async (options) => keep(await startMailCatcher(options)),
    newFolder: async () => {
      const folder = await mkdtemp(join(tmpdir(), "tocsin-fault-"));
      closers.push(() => rm(folder, { recursive: true, force: true, maxRetries: 10 }));
      return folder;
    },
    clear: async () => {
      for (const one of closers.splice(0).reverse()) await one().catch(() => undefined);
    },
  };
}

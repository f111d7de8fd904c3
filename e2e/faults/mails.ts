import { createServer } from "node:http";
import type { ParsedMail } from "mailparser";
import { addAlertTarget } from "#e2e/harness/alert-target.ts";
import { eachOnce, type MailCatcher, startMailCatcher } from "#e2e/harness/mail-catcher.ts";
import { mustAnswer, type Place } from "#e2e/harness/place.ts";
import { until } from "#e2e/harness/until.ts";
import { freePort } from "#e2e/servers/free-port.ts";
import type { Fault } from "./fault.ts";
import { countOf, openScene, type Scene, send } from "./scene.ts";
import type { See } from "./see.ts";
import { seeAllIsWell } from "./see-all-is-well.ts";
import type { Stage } from "./stage.ts";

const reader = "admin@example.com";

/** A channel whose webhooks fail, and an Admin who is to be told by mail. */
async function openMailScene(
  stage: Stage,
  smtpUrl: string,
  options: { env?: Record<string, string>; apart?: boolean } = {},
): Promise<Scene> {
  const place = await stage.newPlace();
  await place.newPerson(reader);
  const scene = await openScene(stage, {
    ...{ place, apart: options.apart ?? false },
    env: {
      ...{ SMTP_URL: smtpUrl, ERROR_NOTIFICATION: "open", NOTIFICATION_WINDOW: "1s" },
      ...options.env,
    },
  });
  const member = { email: reader, role: "admin" };
  await mustAnswer(scene.client, "POST", `/v1/channels/${scene.channelId}/members`, member);
  return scene;
}

/** Three webhooks that fail once. */
async function failOnce(scene: Scene): Promise<string[]> {
  scene.bot.decide = ({ isRedelivery }) => (isRedelivery ? 200 : 500);
  return send(scene.client, scene.channelId, 3);
}

const stateOf = async ({ pool }: Place): Promise<string> => {
  const { rows } = await pool.query(
    "select state::text as state, trouble, attempts from mails where recipient = $1",
    [reader],
  );
  return rows
    .map(({ state, trouble, attempts }) => `${state} ${trouble ?? ""} after ${attempts}`)
    .join(", ");
};

const mailsIn = ({ place }: Scene, state: string): Promise<number> =>
  countOf(
    place,
    "select count(*) from mails where recipient = $1 and state::text = $2",
    reader,
    state,
  );

/** As time would: what waits is due. */
const letTimePass = ({ place }: Scene) =>
  place.pool.query("update mails set due_at = now() - interval '1 second' where state = 'queued'");

/** As time would: what a dead worker held is free. */
const endLeases = ({ place }: Scene) =>
  place.pool.query("update mails set due_at = now() - interval '1 second' where state = 'sending'");

/** Of those that came: what the Admin is told. There are others, such as the one that confirms the channel's address. */
const isTold = (mail: ParsedMail): boolean => JSON.stringify(mail.to).includes(reader);
const told = ({ mails }: MailCatcher): ParsedMail[] => mails.filter(isTold);

/** Waits until the Admin's mail was tried, and put off. */
const untilTried = (scene: Scene): Promise<void> =>
  until("the mail was tried", async () => {
    const tried = await countOf(
      scene.place,
      "select count(*) from mails where recipient = $1 and attempts > 0 and state = 'queued'",
      reader,
    );
    // Those before it wait for the same server.
    if (tried === 0) await scene.place.pool.query(othersDue, [reader]);
    return tried > 0;
  });

const othersDue =
  "update mails set due_at = now() - interval '1 second' where state = 'queued' and attempts = 0 and recipient = $1";

/** The same mail, once, in the end. */
async function seeSentOnce(see: See, scene: Scene, mails: MailCatcher): Promise<void> {
  await until("the mail is sent", async () => {
    await letTimePass(scene);
    return (await mailsIn(scene, "sent")) > 0;
  });
  const times = told(mails).length;
  see(times === 1, `it arrived ${times === 1 ? "once" : `${times} times`}`);
}

export const mailFaults: readonly Fault[] = [
  {
    name: "smtp-refuses",
    done: "the mail server is down, then comes back",
    expected: "deliveries go on; the email waits, and arrives once",
    run: async (stage, see) => {
      const port = await freePort();
      const scene = await openMailScene(stage, `smtp://127.0.0.1:${port}`);
      const accepted = await failOnce(scene);
      await untilTried(scene);
      see(
        (await mailsIn(scene, "queued")) === 1,
        `the email meanwhile: ${await stateOf(scene.place)}`,
      );
      const mails = await startMailCatcher({ port });
      stage.after(mails.close);
      await seeSentOnce(see, scene, mails);
      await seeAllIsWell(see, scene, accepted);
    },
  },
  {
    name: "smtp-slow",
    done: "the mail server hangs on each email",
    expected: "deliveries go on",
    isLong: true,
    run: async (stage, see) => {
      const mails = await stage.newMailCatcher();
      mails.decide = (mail) => (isTold(mail) ? "hang" : "take");
      const scene = await openMailScene(stage, mails.url);
      const accepted = await failOnce(scene);
      await until("the mail hangs", () => told(mails).length > 0);
      accepted.push(...(await send(scene.client, scene.channelId, 20)));
      await seeAllIsWell(see, scene, accepted);
      const sending = await mailsIn(scene, "sending");
      see(sending === 1, `the email meanwhile: ${await stateOf(scene.place)}`);
    },
  },
  {
    name: "smtp-cut",
    done: "the mail server drops the connection after it has received the whole email, every time",
    expected:
      "the email is sent once more with the same Message-ID and marked as uncertain, and never a third time",
    run: async (stage, see) => {
      const mails = await stage.newMailCatcher();
      mails.decide = (mail) => (isTold(mail) ? "cut" : "take");
      const scene = await openMailScene(stage, mails.url);
      await failOnce(scene);
      await until("it came once", () => told(mails).length === 1);
      await untilTried(scene);
      await letTimePass(scene);
      await until("it came again", () => told(mails).length === 2);
      await until("it is given up", async () => (await mailsIn(scene, "failed")) === 1);
      await letTimePass(scene);
      const times = told(mails);
      const ids = eachOnce(times).length;
      see(ids === 1 && times.length === 2, `arrived ${times.length} times with ${ids} Message-ID`);
      const end = await stateOf(scene.place);
      see(end.startsWith("failed uncertain"), `finally: ${end}`);
    },
  },
  {
    name: "smtp-greylists",
    done: "the mail server answers the first try with 451",
    expected: "the email is put off, and arrives once",
    run: async (stage, see) => {
      const mails = await stage.newMailCatcher();
      let tries = 0;
      mails.decideRecipient = (address) =>
        address === reader && ++tries === 1
          ? { code: 451, text: "4.7.1 Greylisted, come again" }
          : "take";
      const scene = await openMailScene(stage, mails.url);
      await failOnce(scene);
      await untilTried(scene);
      see(
        (await mailsIn(scene, "queued")) === 1,
        `the email meanwhile: ${await stateOf(scene.place)}`,
      );
      await seeSentOnce(see, scene, mails);
    },
  },
  {
    name: "smtp-refuses-one",
    done: "the mail server does not know one of two Admins (550 5.1.1)",
    expected: "that Admin's email fails; the other's arrives",
    run: async (stage, see) => {
      const mails = await stage.newMailCatcher();
      mails.decideRecipient = (address) =>
        address.startsWith("gone") ? { code: 550, text: "5.1.1 No such user here" } : "take";
      const scene = await openMailScene(stage, mails.url);
      await scene.place.newPerson("gone@example.com");
      const gone = { email: "gone@example.com", role: "admin" };
      await mustAnswer(scene.client, "POST", `/v1/channels/${scene.channelId}/members`, gone);
      await failOnce(scene);
      await seeSentOnce(see, scene, mails);
      const failed = () =>
        countOf(
          scene.place,
          "select count(*) from mails where recipient like 'gone%' and state = 'failed'",
        );
      await until("the other has failed", async () => (await failed()) === 1);
      see(true, "the other one has failed");
    },
  },
  {
    name: "smtp-certificate-expires",
    done: "the mail server's certificate has expired; later it is renewed",
    expected:
      "nothing is sent meanwhile; operators are notified; the email waits, and arrives once",
    run: async (stage, see) => {
      const { certificates } = stage;
      const names = ["127.0.0.1"];
      const port = await freePort();
      const expired = certificates.issue({ names, fromDays: -9, toDays: -1 });
      const before = await startMailCatcher({ port, identity: expired });
      const scene = await openMailScene(stage, before.url, {
        env: { SMTP_CA_FILE: certificates.file },
      });
      await failOnce(scene);
      await untilTried(scene);
      const notices = await countOf(
        scene.place,
        "select count(*) from mail_notices where kind = 'certificate'",
      );
      see(notices === 1, `operators notified: ${notices}`);
      see(before.mails.length === 0, `${before.mails.length} emails sent meanwhile`);
      await before.close();
      const mails = await startMailCatcher({ port, identity: certificates.issue({ names }) });
      stage.after(mails.close);
      await seeSentOnce(see, scene, mails);
    },
  },
  {
    name: "worker-killed-mailing",
    done: "a worker is killed (SIGKILL) when the mail server has received the whole email but not answered",
    expected: "another worker sends it once more when the lease ends, with the same Message-ID",
    run: async (stage, see) => {
      const mails = await stage.newMailCatcher();
      mails.decide = (mail) => (isTold(mail) ? "hang" : "take");
      const scene = await openMailScene(stage, mails.url, { apart: true });
      await failOnce(scene);
      await until("the mail is there", () => told(mails).length === 1);
      await scene.worker.kill();
      mails.decide = () => "take";
      await scene.place.start({
        role: "worker",
        env: { SMTP_URL: mails.url, ERROR_NOTIFICATION: "open" },
      });
      await endLeases(scene);
      await until("it is sent", async () => (await mailsIn(scene, "sent")) === 1);
      const times = told(mails);
      const ids = eachOnce(times).length;
      see(ids === 1 && times.length === 2, `arrived ${times.length} times with ${ids} Message-ID`);
    },
  },
  {
    name: "two-mailers",
    done: "three workers send the emails of 30 channels that fail together",
    expected: "each email arrives once",
    isLong: true,
    run: async (stage, see) => {
      const mails = await stage.newMailCatcher();
      const env = { NOTIFICATION_DIGEST_ABOVE: "1000", NOTIFICATION_RECIPIENT_CAP: "1000" };
      const scene = await openMailScene(stage, mails.url, { env });
      const all = {
        ...env,
        SMTP_URL: mails.url,
        ERROR_NOTIFICATION: "open",
        NOTIFICATION_WINDOW: "1s",
      };
      await Promise.all([1, 2].map(() => scene.place.start({ role: "worker", env: all })));
      scene.bot.decide = ({ isRedelivery }) => (isRedelivery ? 200 : 500);
      const member = { email: reader, role: "admin" };
      for (let number = 0; number < 30; number += 1) {
        const id = await scene.place.makeChannel(scene.client, { webhookUrl: scene.bot.url });
        await mustAnswer(scene.client, "POST", `/v1/channels/${id}/members`, member);
        await send(scene.client, id, 1);
      }
      await until("all are told", async () => (await mailsIn(scene, "sent")) === 30);
      const came = told(mails).length;
      see(came === 30, `${came} emails about 30 channels`);
    },
  },
  {
    name: "alert-target-gone",
    done: "a channel's alert target hangs, then answers 500, then works",
    expected:
      "emails and deliveries go on; the alert arrives once the target works, with the same webhook-id",
    run: async (stage, see) => {
      const ids: string[] = [];
      const answers: ((taken: boolean) => void)[] = [];
      let mode: "hang" | "fail" | "take" = "hang";
      const server = createServer((request, response) => {
        request.resume();
        ids.push(String(request.headers["webhook-id"]));
        if (mode === "hang") answers.push(() => response.destroy());
        else response.writeHead(mode === "take" ? 204 : 500).end();
      });
      const port = await freePort();
      await new Promise<void>((settle) => server.listen(port, "127.0.0.1", settle));
      stage.after(async () => {
        server.closeAllConnections();
        server.close();
      });
      const mails = await stage.newMailCatcher();
      const scene = await openMailScene(stage, mails.url);
      await addAlertTarget(scene.place, scene.channelId, `http://127.0.0.1:${port}/alerts`);
      const accepted = await failOnce(scene);
      await until("the alert hangs", () => ids.length > 0);
      await seeSentOnce(see, scene, mails);
      await seeAllIsWell(see, scene, accepted);
      mode = "fail";
      await until("it was refused", async () => {
        await scene.place.pool.query(
          "update alerts set due_at = now() - interval '1 second' where state = 'queued'",
        );
        return ids.length > 1;
      });
      mode = "take";
      await until("it is taken", async () => {
        await scene.place.pool.query(
          "update alerts set due_at = now() - interval '1 second' where state = 'queued'",
        );
        return (
          (await countOf(scene.place, "select count(*) from alerts where state = 'sent'")) === 1
        );
      });
      see(new Set(ids).size === 1, `${ids.length} tries, ${new Set(ids).size} webhook-id`);
    },
  },
];

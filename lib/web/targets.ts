import "server-only";
import { getTranslations } from "next-intl/server";
import type { SessionUser } from "#lib/accounts/schema.ts";
import type { Channel } from "#lib/channels/schema.ts";
import { prepareVerify, type Verify } from "#lib/channels/verify-webhook.ts";
import { env, runtimeEnv } from "#lib/env.ts";
import { createTargetPolicy, type TargetPolicy } from "#lib/targets/policy.ts";
import { createSender, type Sender } from "#lib/transport/sender.ts";
import { trustedCertificates } from "#lib/transport/trusted-certificates.ts";
import type { SampleEventType } from "#lib/verify/schema.ts";
import { consoleClock, database } from "./database.ts";

const shared: typeof globalThis & { tocsinTargetPolicy?: TargetPolicy; tocsinSender?: Sender } =
  globalThis;

/** Where webhooks may go: the same verdict as when they are sent. */
export function targetPolicy(): TargetPolicy {
  const { allowTargets, allowHttpTargets } = env();
  shared.tocsinTargetPolicy ??= createTargetPolicy({ allowTargets, allowHttp: allowHttpTargets });
  return shared.tocsinTargetPolicy;
}

function sender(): Sender {
  shared.tocsinSender ??= createSender({
    policy: targetPolicy(),
    ca: trustedCertificates(env()),
    now: consoleClock,
  });
  return shared.tocsinSender;
}

/** Verify for one of the channel's Admins, in whose time zone and language it is worded. As prepareVerify. */
export async function prepareCheck(
  user: SessionUser,
  channel: Channel,
  sample: SampleEventType | null,
): Promise<Verify> {
  const t = await getTranslations("causes");
  return prepareVerify(
    {
      db: database().db,
      actor: user,
      encryptionKey: runtimeEnv().encryptionKey,
      sender: sender(),
      timeZone: user.timeZone ?? env().displayTimeZone,
      wordsOf: (cause) => ({
        name: t(`${cause}.name`),
        cause: t(`${cause}.cause`),
        action: t(`${cause}.action`),
        more: t("labels.more"),
      }),
    },
    channel,
    sample,
  );
}

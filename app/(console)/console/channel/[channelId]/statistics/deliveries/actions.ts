"use server";

import { refresh } from "next/cache";
import { getTranslations } from "next-intl/server";
import { deliveriesHref } from "#lib/delivery-log/filter.ts";
import * as jobs from "#lib/redeliveries/jobs.ts";
import { redeliverWebhooks } from "#lib/redeliveries/redeliver.ts";
import { CancelJobForm, RedeliverForm, StartJobForm } from "#lib/redeliveries/schema.ts";
import { requireChannel } from "#lib/web/access.ts";
import { userAction } from "#lib/web/action.ts";
import { database } from "#lib/web/database.ts";
import { leadTo } from "#lib/web/lead-to.ts";
import { readStart } from "./read-start.ts";

export const redeliver = userAction(
  "webhooks_redelivered",
  RedeliverForm,
  async ({ user, input }) => {
    const { channel } = await requireChannel(input.channelId, "redeliver");
    const { db } = database();
    const report = await redeliverWebhooks(db, user, channel.id, input.webhookId);
    refresh();
    const t = await getTranslations("deliveries.redeliver");
    return { message: t("report", { ...report }) };
  },
);

export const startJob = userAction(
  "redelivery_job_started",
  StartJobForm,
  async ({ user, input }) => {
    const { channel } = await requireChannel(input.channelId, "redeliver");
    const { db } = database();
    const { filter, job } = await readStart(user, channel.id, input);
    await jobs.startRedeliveryJob(db, user, job);
    leadTo(deliveriesHref(channel.id, filter, { page: null, redelivers: false }));
  },
);

export const cancelJob = userAction(
  "redelivery_job_cancelled",
  CancelJobForm,
  async ({ user, input }) => {
    const { channel } = await requireChannel(input.channelId, "redeliver");
    await jobs.cancelRedeliveryJob(database().db, user, channel.id, input.jobId);
    refresh();
    return { message: (await getTranslations("deliveries.jobs"))("cancelled") };
  },
);

"use server";

import { refresh } from "next/cache";
import {
  giveBackProblem,
  muteProblem,
  takeProblem,
  unmuteProblem,
} from "#lib/problems/commands.ts";
import { MuteForm, ProblemForm } from "#lib/problems/schema.ts";
import { requireChannel } from "#lib/web/access.ts";
import { userAction } from "#lib/web/action.ts";
import { database } from "#lib/web/database.ts";

export const mute = userAction("problem_muted", MuteForm, async ({ user, input }) => {
  await requireChannel(input.channelId, "manage_notifications");
  await muteProblem(database().db, user, input);
  refresh();
  return undefined;
});

export const unmute = userAction("problem_unmuted", ProblemForm, async ({ user, input }) => {
  await requireChannel(input.channelId, "manage_notifications");
  await unmuteProblem(database().db, user, input);
  refresh();
  return undefined;
});

export const take = userAction("problem_taken", ProblemForm, async ({ user, input }) => {
  await requireChannel(input.channelId, "see_errors");
  await takeProblem(database().db, user, input);
  refresh();
  return undefined;
});

export const giveBack = userAction("problem_given_back", ProblemForm, async ({ user, input }) => {
  await requireChannel(input.channelId, "see_errors");
  await giveBackProblem(database().db, user, input);
  refresh();
  return undefined;
});

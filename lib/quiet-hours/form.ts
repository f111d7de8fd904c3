import { z } from "zod";
import { canonicalZone } from "#lib/time/zones.ts";
import { type ChosenHours, parseClock, weekdays } from "./schema.ts";

const ticked = z
  .literal("on")
  .optional()
  .transform((value) => value === "on");
const clock = z.string().trim().max(8, { error: "invalid" }).default("");

const shape = {
  quiet: ticked,
  from: clock,
  to: clock,
  ...{ weekday1: ticked, weekday2: ticked, weekday3: ticked, weekday4: ticked },
  ...{ weekday5: ticked, weekday6: ticked, weekday7: ticked },
  outages: ticked,
};
type Ticks = Record<`weekday${(typeof weekdays)[number]}`, boolean>;
type Fields = Ticks & { quiet: boolean; from: string; to: string; outages: boolean };

/** What is wrong stands at its field; nothing is where the hours are off. */
function check(fields: Fields, context: z.RefinementCtx): void {
  if (!fields.quiet) return;
  const refuse = (field: string, message: string) =>
    context.addIssue({ code: "custom", path: [field], message });
  const [from, to] = [parseClock(fields.from), parseClock(fields.to)];
  if (from === null) refuse("from", fields.from === "" ? "required" : "clock");
  if (to === null) refuse("to", fields.to === "" ? "required" : "clock");
  if (from !== null && from === to) refuse("to", "same_clock");
  if (chosenDays(fields).length === 0) refuse("weekday1", "no_weekday");
}

const chosenDays = (fields: Ticks): number[] =>
  weekdays.filter((weekday) => fields[`weekday${weekday}`]);

/** Null: no quiet hours. */
const chosen = (fields: Fields): ChosenHours | null =>
  fields.quiet
    ? {
        beginsAt: parseClock(fields.from) ?? 0,
        endsAt: parseClock(fields.to) ?? 0,
        weekdays: chosenDays(fields),
        outagesCome: fields.outages,
      }
    : null;

/** A person's own. */
export const OwnQuietHoursForm = z
  .object(shape)
  .superRefine(check)
  .transform((fields) => ({ hours: chosen(fields) }));

/** Those of a channel's own address. */
export const ChannelQuietHoursForm = z
  .object({
    ...shape,
    channelId: z.string(),
    timeZone: z
      .string()
      .max(64)
      .refine((zone) => canonicalZone(zone) !== null, { error: "time_zone" })
      .transform((zone) => canonicalZone(zone)),
  })
  .superRefine(check)
  .transform(({ channelId, timeZone, ...fields }) => {
    const hours = chosen(fields);
    return { channelId, hours: hours && { ...hours, timeZone } };
  });

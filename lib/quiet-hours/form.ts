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

/** Null: no quiet hours. What is wrong stands at its field; nothing is where the hours are off. */
function choose(fields: Fields, context: z.RefinementCtx): ChosenHours | null {
  if (!fields.quiet) return null;
  const refuse = (field: string, message: string) =>
    context.addIssue({ code: "custom", path: [field], message });
  const [beginsAt, endsAt] = [parseClock(fields.from), parseClock(fields.to)];
  const chosenDays = weekdays.filter((weekday) => fields[`weekday${weekday}`]);
  if (beginsAt === null) refuse("from", fields.from === "" ? "required" : "clock");
  if (endsAt === null) refuse("to", fields.to === "" ? "required" : "clock");
  if (beginsAt !== null && beginsAt === endsAt) refuse("to", "same_clock");
  if (chosenDays.length === 0) refuse("weekday1", "no_weekday");
  if (beginsAt === null || endsAt === null) return null;
  return { beginsAt, endsAt, weekdays: chosenDays, outagesCome: fields.outages };
}

/** A person's own. */
export const OwnQuietHoursForm = z
  .object(shape)
  .transform((fields, context) => ({ hours: choose(fields, context) }));

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
  .transform(({ channelId, timeZone, ...fields }, context) => {
    const hours = choose(fields, context);
    return { channelId, hours: hours && { ...hours, timeZone } };
  });

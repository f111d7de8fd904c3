import { AppError, type AppErrorDetail } from "#lib/app-error.ts";
import { isDeeperThan } from "#lib/json-text/depth.ts";
import { blankEnd, listElements, listMembers, type Member } from "#lib/json-text/scan.ts";
import { eventsMax, nestingMax } from "./schema.ts";

const ulidForm = /^[0-7][0-9A-HJKMNP-TV-Z]{25}$/;
/** In digits: bots that read it into an integer refuse `1e12` and `1.0`. */
const timeForm = /^(?:0|[1-9][0-9]{0,15})$/;
/** What we read of an event, or add when it lacks it. Readers disagree on which of two equal keys counts. */
const known = ["type", "webhookEventId", "timestamp", "mode", "deliveryContext"];

/**
 * The properties of an intake call's body by name, each as the text that it was written in. What has another name is passed over.
 * @throws AppError `invalid`: no JSON, nested too deeply, or one of the properties is there twice.
 */
export function readIntakeBody<Name extends string>(
  text: string,
  names: readonly Name[],
): Partial<Record<Name, string>> {
  if (isDeeperThan(text, nestingMax)) {
    throw new AppError(
      "invalid",
      `The request body is nested too deeply: at most ${nestingMax} levels of objects and arrays`,
    );
  }
  judge(text);
  const members = listMembers(text, blankEnd(text, 0));
  const twice = names.flatMap((name) => checkOnce(members, name, name));
  if (twice.length > 0) refuse(twice);
  const texts: Partial<Record<Name, string>> = {};
  for (const name of names) {
    const member = members.find(({ key }) => key === name);
    if (member !== undefined) texts[name] = text.slice(member.start, member.end);
  }
  return texts;
}

/** @throws AppError `invalid`. JSON.parse alone judges what is JSON; everything after it only finds the places. */
function judge(text: string): void {
  try {
    JSON.parse(text);
  } catch (cause) {
    throw new AppError("invalid", "The request body is not valid JSON in UTF-8", { cause });
  }
}

/**
 * The events of an intake call, each as the text that it was written in. Unknown properties are the platform's and pass through.
 * @param text the JSON of `events`, if there is one
 * @throws AppError `invalid` naming each wrong property.
 */
export function parseEvents(text: string | undefined): string[] {
  if (!text?.startsWith("[")) {
    refuse([{ message: "must be an array of events", property: "events" }]);
  }
  const events = listElements(text, 0).map(({ start, end }) => text.slice(start, end));
  if (events.length === 0) {
    refuse([{ message: "must hold at least one event", property: "events" }]);
  }
  if (events.length > eventsMax) {
    const message = `must hold at most ${eventsMax} events (got ${events.length})`;
    refuse([{ message, property: "events" }]);
  }
  const details = events.flatMap((event, index) => checkEvent(event, `events[${index}]`));
  if (details.length > 0) refuse(details);
  return events;
}

function checkEvent(event: string, path: string): AppErrorDetail[] {
  if (!event.startsWith("{")) return [{ message: "must be an object", property: path }];
  const members = listMembers(event, 0);
  const details = known.flatMap((name) => checkOnce(members, name, `${path}.${name}`));
  if (details.length > 0) return details;
  const textOf = (name: string) => {
    const member = members.find(({ key }) => key === name);
    return member && event.slice(member.start, member.end);
  };
  const wrong = (name: string, message: string) => {
    details.push({ message, property: `${path}.${name}` });
  };
  const [type, id, time] = [textOf("type"), textOf("webhookEventId"), textOf("timestamp")];
  if (!type?.startsWith('"') || type === '""') wrong("type", "must be a non-empty string");
  if (id !== undefined && !isUlid(id)) wrong("webhookEventId", "must be a ULID");
  if (time !== undefined && !isTime(time)) {
    wrong("timestamp", "must be a Unix time in milliseconds, in digits");
  }
  return [...details, ...checkContext(textOf("deliveryContext"), `${path}.deliveryContext`)];
}

function checkContext(context: string | undefined, path: string): AppErrorDetail[] {
  if (context === undefined) return [];
  if (!context.startsWith("{")) return [{ message: "must be an object", property: path }];
  return checkOnce(listMembers(context, 0), "isRedelivery", `${path}.isRedelivery`);
}

function checkOnce(members: readonly Member[], name: string, property: string): AppErrorDetail[] {
  const count = members.filter(({ key }) => key === name).length;
  return count > 1 ? [{ message: "must be given once", property }] : [];
}

const isUlid = (text: string): boolean =>
  text.startsWith('"') && ulidForm.test(String(JSON.parse(text)));

const isTime = (text: string): boolean => timeForm.test(text) && Number.isSafeInteger(Number(text));

function refuse(details: readonly AppErrorDetail[]): never {
  throw new AppError("invalid", "The request body has errors", { details });
}

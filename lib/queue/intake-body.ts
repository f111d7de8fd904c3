import { AppError, type AppErrorDetail } from "#lib/app-error.ts";
import { isDeeperThan } from "#lib/json-text/depth.ts";
import {
  blankEnd,
  listJsonMembers,
  valueEnd,
  walkElements,
  walkMembers,
} from "#lib/json-text/scan.ts";
import { eventsMax, nestingMax } from "./schema.ts";

const ulidForm = /^[0-7][0-9A-HJKMNP-TV-Z]{25}$/;
/** In digits: bots that read it into an integer refuse `1e12` and `1.0`. */
const timeForm = /^(?:0|[1-9][0-9]{0,15})$/;
/** What we read of an event, or add when it lacks it. Readers disagree on which of two equal keys counts. */
const known: ReadonlySet<string> = new Set([
  "type",
  "webhookEventId",
  "timestamp",
  "mode",
  "deliveryContext",
]);

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
  const texts: Partial<Record<Name, string>> = {};
  const twice: AppErrorDetail[] = [];
  walkMembers(text, blankEnd(text, 0), (key, start) => {
    const end = valueEnd(text, start);
    const name = names.find((one) => one === key);
    if (name !== undefined) {
      if (texts[name] !== undefined) twice.push(givenTwice(name));
      texts[name] = text.slice(start, end);
    }
    return end;
  });
  if (twice.length > 0) refuse(twice);
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
  const events: string[] = [];
  const details: AppErrorDetail[] = [];
  let count = 0;
  walkElements(text, 0, (start) => {
    count += 1;
    // What is refused for its number is only counted.
    if (count > eventsMax) return valueEnd(text, start);
    const event = knownProperties(text, start);
    details.push(...checkEvent(event, `events[${events.length}]`));
    events.push(text.slice(start, event.end));
    return event.end;
  });
  if (count === 0) {
    refuse([{ message: "must contain at least one event", property: "events" }]);
  }
  if (count > eventsMax) {
    const message = `must contain at most ${eventsMax} events (got ${count})`;
    refuse([{ message, property: "events" }]);
  }
  if (details.length > 0) refuse(details);
  return events;
}

/** What is known of an event: the texts of those properties, and which of them are there more than once. */
type KnownProperties = {
  isObject: boolean;
  end: number;
  texts: Map<string, string>;
  twice: string[];
};

function knownProperties(text: string, at: number): KnownProperties {
  const texts = new Map<string, string>();
  const twice: string[] = [];
  const end = walkMembers(text, at, (key, start) => {
    const end = valueEnd(text, start);
    if (known.has(key)) {
      if (texts.has(key)) twice.push(key);
      texts.set(key, text.slice(start, end));
    }
    return end;
  });
  return { isObject: text[at] === "{", end, texts, twice };
}

function checkEvent({ isObject, texts, twice }: KnownProperties, path: string): AppErrorDetail[] {
  if (!isObject) return [{ message: "must be an object", property: path }];
  if (twice.length > 0) return twice.map((name) => givenTwice(`${path}.${name}`));
  const details: AppErrorDetail[] = [];
  const wrong = (name: string, message: string) => {
    details.push({ message, property: `${path}.${name}` });
  };
  const type = texts.get("type");
  if (!type?.startsWith('"') || type === '""') wrong("type", "must be a non-empty string");
  const id = texts.get("webhookEventId");
  if (id !== undefined && !isUlid(id)) wrong("webhookEventId", "must be a ULID");
  const time = texts.get("timestamp");
  if (time !== undefined && !isTime(time)) {
    wrong("timestamp", "must be a Unix time in milliseconds, in digits");
  }
  const context = texts.get("deliveryContext");
  if (context !== undefined && !context.startsWith("{"))
    wrong("deliveryContext", "must be an object");
  const marks = listJsonMembers(context ?? "", 0).filter(({ key }) => key === "isRedelivery");
  if (marks.length > 1) details.push(givenTwice(`${path}.deliveryContext.isRedelivery`));
  return details;
}

const givenTwice = (property: string): AppErrorDetail => ({
  message: "must be given once",
  property,
});

const isUlid = (text: string): boolean =>
  text.startsWith('"') && ulidForm.test(String(JSON.parse(text)));

const isTime = (text: string): boolean => timeForm.test(text) && Number.isSafeInteger(Number(text));

function refuse(details: readonly AppErrorDetail[]): never {
  throw new AppError("invalid", "The request body has errors", { details });
}

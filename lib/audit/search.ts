import { z } from "zod";
import {
  type Given,
  listNotUnderstood,
  type NotUnderstood,
  singleValues,
} from "#lib/not-understood.ts";
import type { Place } from "#lib/place.ts";
import { type AuditAction, auditActions } from "./actions.ts";

/** Whose entries: of one channel, of one provider (not of its channels), or all. */
export type AuditedPlace = Place | { kind: "all" };

/** What the address of an audit log says. `from` and `to` are whole days in the viewer's zone; `actor` is the id of one. */
export type AuditSearch = {
  action: AuditAction | null;
  result: "done" | "refused" | null;
  actor: string | null;
  from: string | null;
  to: string | null;
  /** The entries older than this one; null: the newest. */
  before: string | null;
};

const optional = <T extends z.ZodType>(type: T) => type.nullable().catch(null).default(null);
const Day = z.iso.date();

const Search = z.object({
  action: optional(z.enum(auditActions)),
  result: optional(z.enum(["done", "refused"])),
  actor: optional(z.string().min(1).max(64)),
  from: optional(Day),
  to: optional(Day),
  before: optional(z.string().regex(/^\d{1,18}$/)),
});

/** Whatever is missing or wrong falls back to the newest entries of every kind. */
export function parseAuditSearch(given: Given): AuditSearch {
  return Search.parse(singleValues(given));
}

/** What of it was wrong. */
export const auditNotUnderstood = (given: Given): NotUnderstood[] =>
  listNotUnderstood(given, parseAuditSearch(given));

/** The address of an audit log under `root`, or of its file with `file`. */
export function auditHref(root: string, search: Partial<AuditSearch>, file = ""): string {
  const query = new URLSearchParams();
  for (const [name, value] of Object.entries(search)) if (value) query.set(name, value);
  return `${root}${file}${query.size === 0 ? "" : `?${query}`}`;
}

/** Where the log of a place stands in the console. */
export function auditRoot(place: AuditedPlace): string {
  if (place.kind === "all") return "/console/operations/audit";
  return `/console/${place.kind}/${place.id}/audit`;
}

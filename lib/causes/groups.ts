import { type LikelyCause, likelyCauses } from "./schema.ts";

export const causeGroups = [
  "name",
  "connection",
  "tls",
  "silence",
  "malformed",
  "refusal",
  "failure",
] as const;
export type CauseGroup = (typeof causeGroups)[number];

/** The first cause of each group, in the order of `likelyCauses`; those up to the next belong to it. */
const firsts: Readonly<Record<CauseGroup, LikelyCause>> = {
  name: "url_unusable",
  connection: "port_refused",
  tls: "no_common_protocol",
  silence: "connection_turned_away",
  malformed: "proxy_points_at_no_web_server",
  refusal: "redirect_to_sign_in",
  failure: "signature_breaks_handler",
};

/** The causes of a group, in the order in which an attempt meets them. */
export function causesOfGroup(group: CauseGroup): readonly LikelyCause[] {
  const next = causeGroups[causeGroups.indexOf(group) + 1];
  const from = likelyCauses.indexOf(firsts[group]);
  return likelyCauses.slice(
    from,
    next === undefined ? undefined : likelyCauses.indexOf(firsts[next]),
  );
}

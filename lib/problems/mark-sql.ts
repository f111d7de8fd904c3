/**
 * Whether a row of problem_marks, called `mark`, mutes its problem now. One muted until it changes is so while no problem of the
 * channel, itself among them, began or came back after that; retention, which lets problems go, writes that end into the mark before
 * (lib/retention/forget-ended.ts). Index: the primary key of problems.
 */
export const isMutedSql = (mark: string): string => `(
  ${mark}.muted_at is not null and case
    when ${mark}.muted_until is not null then ${mark}.muted_until > now()
    else not exists (select from problems other
                      where other.channel_id = ${mark}.channel_id and other.began_at > ${mark}.muted_at) end)`;

/** Whether the person of a row of problem_marks is on the problem as it is now: not on one that came back since. */
export const isTakenSql = (mark: string, problem: string): string =>
  `coalesce(${mark}.taken_at >= ${problem}.began_at, false)`;

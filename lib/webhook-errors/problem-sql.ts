// When a problem is resolved, and when it came back (docs/decisions/0031): a matter of the counted rows alone.

/** So many deliveries without such an error, and so long, resolve a problem... */
const resolvedAfterGood = 20;
const resolvedAfterQuiet = "interval '1 hour'";
/** ...or these, for a bot that gets few webhooks. */
const resolvedAfterFew = 3;
const resolvedAfterLongQuiet = "interval '1 day'";

/**
 * When a row of problems, called `name`, was or will be resolved; null: not enough was delivered yet. Deliveries count from the
 * minute after that of the last error. At most 20 rows by the primary key of delivered_minutes.
 */
export const resolvedAtSql = (name: string): string => `(
  select least(case when bool_or(total >= ${resolvedAfterGood})
                    then greatest(${name}.last_at + ${resolvedAfterQuiet},
                                  min(minute) filter (where total >= ${resolvedAfterGood}) + interval '1 minute') end,
               case when bool_or(total >= ${resolvedAfterFew})
                    then greatest(${name}.last_at + ${resolvedAfterLongQuiet},
                                  min(minute) filter (where total >= ${resolvedAfterFew}) + interval '1 minute') end)
    from (select minute, sum(delivered_count) over (order by minute) as total
            from (select minute, delivered_count from delivered_minutes
                   where channel_id = ${name}.channel_id and minute > ${name}.last_at
                   order by minute limit ${resolvedAfterGood}) following) counted)`;

/**
 * Notes newly stored errors, rows `source (channel_id, reason, detail, first_at, last_at)`, in the problems of their channels. One that
 * begins after the problem was resolved begins it anew. What was delivered is asked only when an error comes an hour after the last.
 */
export const noteProblemsSql = (source: string): string => `
  insert into problems as p (channel_id, reason, detail, began_at, last_at)
  select channel_id, reason, detail, min(first_at), max(last_at)
    from ${source} group by 1, 2, 3 order by 1, 2, 3
  on conflict (channel_id, reason, detail) do update
     set (began_at, former_began_at, former_last_at, last_at) = (
           select case when came_back then excluded.began_at else least(p.began_at, excluded.began_at) end,
                  case when came_back then p.began_at else p.former_began_at end,
                  case when came_back then p.last_at else p.former_last_at end,
                  greatest(p.last_at, excluded.last_at)
             from (select case when excluded.began_at < p.last_at + ${resolvedAfterQuiet} then false
                               else coalesce(${resolvedAtSql("p")} <= excluded.began_at, false) end as came_back) judged)`;

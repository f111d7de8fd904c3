/** Days before a certificate's end at which people are told. */
export const certificateSteps = [14, 7, 1] as const;

/**
 * SQL of the steps of one certificate: those in the last third of its life, so that one issued for six days is not told of
 * from its first day on. `one` names the row, `at` is an SQL expression of a time; gives `due`, the step reached at that time
 * in days, and `next`, when the following one is; each null where there is none.
 */
export const certificateStepsSql = (one: string, at: string): string => `
  lateral (
    select min(days) filter (where ${one}.not_after - make_interval(hours => 24 * days) <= ${at}) as due,
           min(${one}.not_after - make_interval(hours => 24 * days))
             filter (where ${one}.not_after - make_interval(hours => 24 * days) > ${at}) as next
      from unnest(array[${certificateSteps.join(", ")}]) days
     where make_interval(hours => 72 * days) <= ${one}.not_after - ${one}.not_before
  )`;

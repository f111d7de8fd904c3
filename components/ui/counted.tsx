import { useFormatter } from "next-intl";
import { countedMax } from "#lib/counted-max.ts";

/** How many there are, as far as it was counted. */
export function Counted({ count }: { count: number }) {
  const format = useFormatter();
  return count > countedMax ? `${format.number(countedMax)}+` : format.number(count);
}

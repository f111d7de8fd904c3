import type { Filled } from "./data.ts";

/** What is asked for, and what it has to be answered with. */
export type Question = {
  path: string;
  init?: RequestInit;
  /** Without a session. */
  isStranger?: boolean;
  status: number;
};

const statistics = ({ channelId }: Filled) => `/console/channel/${channelId}/statistics`;

export const pagesOf = (filled: Filled) => ({
  errors: { path: `${statistics(filled)}/errors`, status: 200 },
  deliveries: { path: `${statistics(filled)}/deliveries`, status: 200 },
  home: { path: "/console", status: 200 },
});

/** What is refused, each for another reason, and what watches ask. */
export function refusalsOf(filled: Filled): Record<string, Question> {
  const channel = `/console/channel/${filled.channelId}`;
  return {
    "401, a file without a session": {
      path: "/console/search?q=desk",
      isStranger: true,
      status: 401,
    },
    "403, asked by another site": {
      path: `${channel}/messaging-api/verify`,
      init: { method: "POST", headers: { "sec-fetch-site": "cross-site" } },
      status: 403,
    },
    "404, no such page": { path: "/nothing-here", isStranger: true, status: 404 },
    "404, no such page of the console": { path: "/console/nothing-here", status: 404 },
    "404, somebody else's channel": {
      path: "/console/channel/9999999999/statistics/errors",
      status: 404,
    },
    "429, live by one too many": { path: `${statistics(filled)}/live?topic=errors`, status: 429 },
    "307, a page without a session": { path: "/console", isStranger: true, status: 307 },
    healthz: { path: "/healthz", isStranger: true, status: 200 },
    readyz: { path: "/readyz", isStranger: true, status: 200 },
  };
}

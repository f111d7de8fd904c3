import { apacheSituations } from "./apache.ts";
import { cacheSituations } from "./caches.ts";
import { caddySituations } from "./caddy.ts";
import { frameworkSituations } from "./frameworks.ts";
import { h2oSituations } from "./h2o.ts";
import { haproxySituations } from "./haproxy.ts";
import { lighttpdSituations } from "./lighttpd.ts";
import { nghttpxSituations } from "./nghttpx.ts";
import { nginxSituations } from "./nginx.ts";
import { programSituations } from "./programs.ts";
import type { Situation } from "./situation.ts";
import { tlsSituations } from "./tls.ts";

export const situations: readonly Situation[] = [
  ...nginxSituations,
  ...apacheSituations,
  ...caddySituations,
  ...haproxySituations,
  ...lighttpdSituations,
  ...h2oSituations,
  ...nghttpxSituations,
  ...cacheSituations,
  ...programSituations,
  ...frameworkSituations,
  ...tlsSituations,
];

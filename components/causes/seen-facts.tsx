import { useTranslations } from "next-intl";
import type { ReactNode } from "react";
import type { ShownSeen } from "#lib/causes/read-seen.ts";

type Words = ReturnType<typeof useTranslations<"causes.seen">>;

/** Is there anything to tell beyond a status? */
export function hasSeenFacts(seen: ShownSeen | null): seen is ShownSeen {
  return seen !== null && (seen.phase !== "answer" || Object.keys(seen).length > 1);
}

/** What was seen on the wire, in words. */
export function SeenFacts({ seen }: { seen: ShownSeen }) {
  const t = useTranslations("causes.seen");
  return (
    <ul className="space-y-0.5">
      {factsOf(seen, t).map(({ name, text }) => (
        <li key={name} className="wrap-anywhere">
          {text}
        </li>
      ))}
    </ul>
  );
}

function factsOf(seen: ShownSeen, t: Words): { name: string; text: ReactNode }[] {
  const { tlsVersion, firstBytes, oddities = [], repeats = [] } = seen;
  const facts = [
    ...endingsOf(seen, t),
    tlsVersion !== undefined && { name: "tls", text: tlsVersion.replace(/^TLSv/, "TLS ") },
    seen.serverCertificateShown && { name: "shown", text: t("serverCertificateShown") },
    seen.clientCertificateAsked && { name: "asked", text: t("clientCertificateAsked") },
    firstBytes !== undefined && { name: "bytes", text: <FirstBytes bytes={firstBytes} /> },
    seen.isReused && { name: "reused", text: t("isReused") },
    oddities.length > 0 && { name: "odd", text: t("oddities", { names: oddities.join(", ") }) },
    ...repeats.map((repeat, index) => ({
      name: `repeat ${index}`,
      text: t(repeat.isMarked ? "repeatMarked" : "repeat", {
        ms: Math.round(repeat.afterMs),
        why: t(`why.${repeat.why}`),
      }),
    })),
  ];
  return facts.filter((fact) => typeof fact === "object");
}

/** How it ended: by an alert, frames of HTTP/2, a code of the system, or without any of these. */
function endingsOf(seen: ShownSeen, t: Words): { name: string; text: string }[] {
  const { alert, goAway, reset, code } = seen;
  const phase = t(`phase.${seen.phase}`);
  const endings = [
    alert !== undefined && {
      name: "alert",
      text: seen.phase === "answer" ? t("alertLate", { alert }) : t("alert", { alert, phase }),
    },
    goAway !== undefined && { name: "goAway", text: t("goAway", { code: goAway }) },
    reset !== undefined && { name: "reset", text: t("reset", { code: reset }) },
    code !== undefined && { name: "code", text: t("code", { code, phase }) },
  ].filter((ending) => ending !== false);
  return endings.length > 0 || seen.phase === "answer"
    ? endings
    : [{ name: "ended", text: t("ended", { phase }) }];
}

function FirstBytes({ bytes }: { bytes: string }) {
  const t = useTranslations("causes.seen");
  return t.rich("firstBytes", {
    bytes: () => <span className="font-mono text-sm break-all">{bytes}</span>,
  });
}

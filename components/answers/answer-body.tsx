import { useTranslations } from "next-intl";
import type { ShownBody } from "#lib/answers/schema.ts";
import { ByteBox } from "./byte-box.tsx";

type AnswerBodyProps = {
  label: string;
  body: ShownBody;
  /** Where its bytes are downloaded. */
  href: string;
};

/** What a bot server answered, as text; below it what was done to the bytes, and the way to them. */
export function AnswerBody({ label, body, href }: AnswerBodyProps) {
  const t = useTranslations("answers");
  const notes = [...usePackingNotes(body.packing), ...useCharsetNotes(body.charset)];
  return (
    <>
      <ByteBox label={label}>{body.text}</ByteBox>
      <p className="mt-1 text-sm text-dim">
        {notes.map((note) => `${note} `)}
        <a
          href={href}
          download
          className="text-brand underline decoration-line underline-offset-4 hover:decoration-current"
        >
          {t("download", { count: body.byteCount })}
        </a>
      </p>
    </>
  );
}

function usePackingNotes(packing: ShownBody["packing"]): string[] {
  const t = useTranslations("answers.packing");
  if (packing === null) return [];
  if (packing.state === "left") return [t("left", { coding: packing.coding })];
  const { end, isAnnounced } = packing;
  const codings = packing.codings.join(", ");
  return [
    t(isAnnounced ? "unpacked" : "unannounced", { codings }),
    ...(end === "whole" ? [] : [t(`end.${end}`)]),
  ];
}

function useCharsetNotes({ name, from, contradicts }: ShownBody["charset"]): string[] {
  const t = useTranslations("answers.charset");
  if (contradicts !== null) {
    return [t("contradicts", { charset: contradicts }), t(`from.${from}`, { charset: say(name) })];
  }
  // What is as it should be needs no words.
  const isPlain = name === "utf-8" && (from === "header" || from === "valid");
  return isPlain ? [] : [t(`from.${from}`, { charset: say(name) })];
}

/** As people write it, where that is not how the Encoding Standard does. */
function say(name: string): string {
  if (name === "shift_jis") return "Shift_JIS";
  return /^(windows|x)-/.test(name) ? name : name.toUpperCase();
}

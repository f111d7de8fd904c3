import { useLocale, useMessages, useTranslations } from "next-intl";
import { switchFields, wordsOfFields } from "#lib/audit/fields.ts";
import type { AuditValue } from "#lib/audit/schema.ts";
import { formatCount, formatDateTime } from "#lib/format.ts";

/** As `toJSON` writes a time. */
const instant = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z$/;

/**
 * What an entry of the audit log names, in words of the reader's language, and times in their zone. What is in none of the lists (of
 * another version, or chosen by somebody) stays as it is.
 */
export function useAuditWords(timeZone: string): {
  nameOf: (field: string) => string;
  sayOf: (field: string, value: AuditValue) => string;
} {
  const t = useTranslations("audit.values");
  const locale = useLocale();
  const list = new Intl.ListFormat(locale, { type: "conjunction", style: "narrow" });
  const find = useFoundText();
  const wordOf = (field: string, text: string): string => {
    if (instant.test(text)) return formatDateTime(new Date(text), timeZone);
    const home = wordsOfFields[field];
    const word = home === undefined ? undefined : find(home, text);
    const reason = () => find("errors", text) ?? find("webhook-errors.reason", text);
    return word ?? (field === "reason" ? reason() : undefined) ?? text;
  };
  const sayOf = (field: string, value: AuditValue): string => {
    switch (typeof value) {
      case "boolean":
        return t(switchFields.includes(field) ? (value ? "on" : "off") : value ? "yes" : "no");
      case "number":
        return formatCount(value, locale);
      default:
        return list.format(partsOf(field, value).map((part) => wordOf(field, part)));
    }
  };
  return {
    nameOf: (field) => find("audit.fields", field) ?? field,
    sayOf: (field, value) => (value === null || value === "" ? t("none") : sayOf(field, value)),
  };
}

/** Some lists were kept as one text. */
function partsOf(field: string, value: string | readonly string[] | null): readonly string[] {
  if (value === null) return [];
  if (typeof value !== "string") return value;
  return field === "types" || field === "weekdays" ? value.split(", ") : [value];
}

/** A text by its place, for names that come from the database; undefined where there is none, or one with gaps to fill. */
function useFoundText(): (home: string, name: string) => string | undefined {
  const messages: unknown = useMessages();
  return (home, name) => {
    const found = [...home.split("."), name].reduce(childOf, messages);
    return typeof found === "string" && !found.includes("{") ? found : undefined;
  };
}

const childOf = (node: unknown, name: string): unknown =>
  typeof node === "object" && node !== null && Object.hasOwn(node, name)
    ? Object.entries(node).find(([key]) => key === name)?.[1]
    : undefined;

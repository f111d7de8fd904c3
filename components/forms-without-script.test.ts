import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { NextIntlClientProvider } from "next-intl";
import { createElement, type ReactElement } from "react";
import { renderToStaticMarkup } from "react-dom/server";
import { expect, test } from "vitest";
import { type FormAction, idleForm } from "#lib/form-state.ts";
import { messagesFor } from "#lib/messages/catalogue.ts";
import { PreferenceFields } from "./notifications/preference-fields.tsx";
import { GrantDecision } from "./operations/grant-decision.tsx";
import { SetAsideDecision } from "./operations/set-aside-decision.tsx";
import { ActionButton } from "./ui/action-button.tsx";

/** A server action as React's server sees it: it writes down in the form which one it is. */
function serverAction(): FormAction {
  const action: FormAction = async () => idleForm;
  const form = { name: "$ACTION_ID_1", method: "POST", encType: "multipart/form-data", data: null };
  return Object.assign(action, { $$FORM_ACTION: () => form, bind: () => action });
}

function show(page: ReactElement): string {
  const context = {
    locale: "en" as const,
    messages: messagesFor("en"),
    timeZone: "UTC",
    children: page,
  };
  return renderToStaticMarkup(createElement(NextIntlClientProvider, context));
}

const action = serverAction();
const at = new Date(0);
const go = { children: "Go" };

test.each<[string, ReactElement]>([
  [
    "a button after which something is said",
    createElement(ActionButton, {
      action,
      fields: { a: "b" },
      onDone: () => undefined,
      ...go,
    }),
  ],
  ["a button", createElement(ActionButton, { action, fields: {}, ...go })],
  [
    "a stuck webhook",
    createElement(SetAsideDecision, { id: "1", actions: { release: action, end: action } }),
  ],
  [
    "an application",
    createElement(GrantDecision, {
      decide: action,
      application: {
        ...{
          id: "1",
          channelId: "1",
          channelName: "Bot",
          providerName: "P",
          state: "pending" as const,
        },
        ...{ company: "", contact: "", reason: "", appliedAt: at, appliedBy: null },
        ...{ decidedAt: null, decidedBy: null, decisionNote: null },
      },
    }),
  ],
  [
    "what an address wants",
    createElement(PreferenceFields, {
      channelId: "1",
      action,
      recipient: {
        ...{ address: "a@example.com", whose: "own" as const, name: "A", isVerified: true },
        ...{ stoppedBecause: null, isUnsubscribed: false, mutedTypes: [], weekly: false },
      },
    }),
  ],
])("goes to the server where no script runs: %s", (_what, page) => {
  const html = show(page);
  expect(html).toContain("$ACTION_ID_1");
  // What React writes for a form that only its script can send.
  expect(html).not.toContain("javascript:");
});

/** Forms of which only a script can bring about that they are there, each with why. */
const onlyWithScript: Readonly<Record<string, string>> = {
  "deliveries/redeliver-selected.tsx":
    "it stands there once something was selected, which is a script's doing",
};

/** An action made in the browser, which a form without a script cannot be sent to. */
const madeInBrowser = /useActionState(<[^(]*>)?\(\s*(async\b|\()|const \w+: FormAction\b[^=]*=/;
const hasPlainWay = /\buseHasScript\b|\bWithoutScript\b/;

test("a form whose action is made in the browser has a way without, or cannot be there without a script", () => {
  const files = readdirSync(import.meta.dirname, { recursive: true, encoding: "utf8" });
  const without = files.filter((file) => {
    if (!file.endsWith(".tsx")) return false;
    const source = readFileSync(join(import.meta.dirname, file), "utf8");
    return madeInBrowser.test(source) && !hasPlainWay.test(source);
  });
  expect(without.sort()).toEqual(Object.keys(onlyWithScript));
});

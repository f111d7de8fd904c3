import { NextIntlClientProvider } from "next-intl";
import { getMessages, getTranslations } from "next-intl/server";
import type { ReactNode } from "react";
import { signOut, switchLanguage, switchTheme } from "#app/(auth)/actions.ts";
import { AccountMenu } from "#components/layout/account-menu.tsx";
import { ConsoleFrame } from "#components/layout/console-frame.tsx";
import { SideBar } from "#components/layout/side-bar.tsx";
import { TypedBefore } from "#components/layout/typed-before.tsx";
import { NowProvider } from "#components/ui/now.tsx";
import { readSideChannels } from "#lib/channels/side.ts";
import { listProviders } from "#lib/providers/queries.ts";
import { database } from "#lib/web/database.ts";
import { askedPath, requireUser } from "#lib/web/session.ts";
import { currentTheme } from "#lib/web/taste.ts";
import { consoleTime } from "#lib/web/time.ts";
import { readTyped } from "#lib/web/typed.ts";

/** The frame of every page behind sign-in. It is drawn once for many pages, so each page checks access itself. */
export default async function ConsoleLayout({ children }: { children: ReactNode }) {
  const user = await requireUser();
  const { db } = database();
  const [
    channels,
    theme,
    typed,
    now,
    t,
    { mails, "account-mails": _accountMails, errors: _errors, causes: _causes, ...messages },
  ] = await Promise.all([
    readSideChannels(db, user.id),
    currentTheme(),
    readTyped(await askedPath()),
    consoleTime(),
    getTranslations("common"),
    getMessages(),
  ]);
  const providers = channels.kind === "all" ? await listProviders(db, user) : null;
  return (
    // Of the mails, browsers only need the names of their types.
    <NextIntlClientProvider messages={{ ...messages, mails: { types: mails.types } }}>
      <NowProvider now={now.getTime()}>
        <div className="lg:grid lg:grid-cols-[15.75rem_minmax(0,1fr)]">
          <a
            href="#content"
            className="sr-only focus:not-sr-only focus:fixed focus:top-2 focus:left-2 focus:z-50 focus:rounded-control focus:bg-surface focus:px-3 focus:py-2"
          >
            {t("skipToContent")}
          </a>
          <ConsoleFrame
            isOperator={user.isOperator}
            side={
              <>
                <SideBar
                  channels={channels}
                  providers={providers?.next === null ? providers.entries : null}
                  isOperator={user.isOperator}
                />
                <AccountMenu
                  user={user}
                  theme={theme}
                  actions={{ signOut, switchLanguage, switchTheme }}
                />
              </>
            }
          >
            <main id="content" className="mx-auto max-w-[77.5rem] px-4 py-5 sm:px-6 lg:px-9">
              <TypedBefore texts={typed} />
              {children}
            </main>
          </ConsoleFrame>
        </div>
      </NowProvider>
    </NextIntlClientProvider>
  );
}

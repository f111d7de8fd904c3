import { GeistMono } from "geist/font/mono";
import { GeistSans } from "geist/font/sans";
import type { Metadata, Viewport } from "next";
import { headers } from "next/headers";
import { NextIntlClientProvider } from "next-intl";
import { getLocale, getMessages } from "next-intl/server";
import type { ReactNode } from "react";
import { PageProviders } from "#components/layout/page-providers.tsx";
import "./globals.css";

export const metadata: Metadata = {
  title: { default: "Tocsin", template: "%s · Tocsin" },
  robots: { index: false, follow: false },
};

export const viewport: Viewport = {
  themeColor: [
    { media: "(prefers-color-scheme: light)", color: "#f6f5f2" },
    { media: "(prefers-color-scheme: dark)", color: "#131218" },
  ],
};

export default async function RootLayout({ children }: { children: ReactNode }) {
  const [locale, { common, accounts }] = await Promise.all([getLocale(), getMessages()]);
  const nonce = (await headers()).get("x-nonce") ?? undefined;
  return (
    <html
      lang={locale}
      className={`${GeistSans.variable} ${GeistMono.variable}`}
      suppressHydrationWarning
    >
      <body className="min-h-dvh">
        {/* What the pages before sign-in need; the console adds the rest. */}
        <NextIntlClientProvider messages={{ common, accounts }}>
          <PageProviders nonce={nonce}>{children}</PageProviders>
        </NextIntlClientProvider>
      </body>
    </html>
  );
}

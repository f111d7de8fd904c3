"use client"; // Next asks for it in every error file.

/** Stands in for the whole document when even its frame broke: no texts, styles or providers to rely on. */
export default function GlobalError({ reset }: { reset: () => void }) {
  return (
    <html lang="en">
      <body>
        <main style={{ margin: "20vh auto", maxWidth: "32rem", fontFamily: "system-ui" }}>
          <h1>Tocsin could not be shown · 表示できませんでした</h1>
          <p>Something went wrong on our side. · サーバー側で問題が発生しました。</p>
          <button type="button" onClick={reset}>
            Try again · 再試行
          </button>
        </main>
      </body>
    </html>
  );
}

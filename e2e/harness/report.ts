/** What the tests came to so far, printed as it happens. */
export type Report = {
  passed: (line: string) => void;
  /** `problems` are printed one a line, beneath. */
  failed: (line: string, problems: readonly string[]) => void;
  skipped: (line: string) => void;
  /** Prints the last line; gives the exit code, which is not 0 when nothing was run. */
  end: () => number;
};

export function createReport(): Report {
  const counts = { passed: 0, failed: 0, skipped: 0 };
  return {
    passed: (line) => {
      counts.passed++;
      console.log(`ok    ${line}`);
    },
    failed: (line, problems) => {
      counts.failed++;
      console.log([`FAIL  ${line}`, ...problems.map((problem) => `      ${problem}`)].join("\n"));
    },
    skipped: (line) => {
      counts.skipped++;
      console.log(`SKIP  ${line}`);
    },
    end: () => {
      const { passed, failed, skipped } = counts;
      const isEmpty = passed + failed + skipped === 0;
      if (isEmpty) console.log("Nothing was run: no line has what --only asks for.");
      console.log(`${passed} passed, ${failed} failed${skipped > 0 ? `, ${skipped} skipped` : ""}`);
      return failed === 0 && !isEmpty ? 0 : 1;
    },
  };
}

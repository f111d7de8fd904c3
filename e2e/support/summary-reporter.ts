import type { FullResult, Reporter, TestCase, TestResult } from "@playwright/test/reporter";

/** Ends a run with one plain line of counts, for whoever reads logs. */
export default class SummaryReporter implements Reporter {
  private passed = 0;
  private failed = 0;

  onTestEnd(_test: TestCase, result: TestResult): void {
    if (result.status === "passed") this.passed += 1;
    else this.failed += 1;
  }

  onEnd(_result: FullResult): void {
    process.stdout.write(`\n${this.passed} passed, ${this.failed} failed\n`);
  }

  printsToStdio(): boolean {
    return false;
  }
}

import { writeFileSync } from "node:fs";
import Mocha from "mocha";

/** Mocha's own spec reporter, which also leaves its totals, and what failed, in the file that TOTALS_FILE names. */
module.exports = class extends Mocha.reporters.Spec {
  constructor(runner: Mocha.Runner, options: Mocha.MochaOptions) {
    super(runner, options);
    const failures: string[] = [];
    runner.on("fail", (test, error) => failures.push(`${test.titlePath().join(" > ")}\n${error.stack ?? error}`));
    runner.once("end", () => {
      const { passes, failures: failed, pending } = this.stats;
      const totals = { passed: passes, failed, skipped: pending, failures };
      writeFileSync(process.env.TOTALS_FILE as string, JSON.stringify(totals));
    });
  }
};

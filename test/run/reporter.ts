import { writeFileSync } from "node:fs";
import Mocha from "mocha";

/** Mocha's own spec reporter, which also leaves its totals in the file that TOTALS_FILE names. */
module.exports = class extends Mocha.reporters.Spec {
  constructor(runner: Mocha.Runner, options: Mocha.MochaOptions) {
    super(runner, options);
    runner.once("end", () => {
      const { passes, failures, pending } = this.stats;
      const totals = { passed: passes, failed: failures, skipped: pending };
      writeFileSync(process.env.TOTALS_FILE as string, JSON.stringify(totals));
    });
  }
};

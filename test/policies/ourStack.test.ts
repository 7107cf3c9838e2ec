import { resolve } from "node:path";
import { expect } from "chai";
import { checkStack } from "../../policies/run/checkStack";
import { readConfigurations } from "../../policies/run/configured";
import { runEntryPoint } from "../../policies/run/entryPoint";
import { packs } from "../../policies/run/packs";
import { readProject } from "../../policies/run/stackConfig";

const root = resolve(__dirname, "../..");

describe("policies: our own stacks", () => {
  // The program serialises its functions, which takes some seconds on a busy machine.

  for (const stack of ["local", "dev", "prod"]) {
    for (const preview of [false, true]) {
      it(`${stack}${preview ? ", in a first preview," : ""} violates nothing mandatory`, async () => {
        const { name, main, config } = readProject(root, stack);
        const result = await checkStack({
          program: () => runEntryPoint(main),
          project: name,
          stack,
          config,
          preview,
          packs,
          packConfig: readConfigurations(resolve(root, "policies/config"), packs),
        });
        expect(result.resources).to.be.greaterThan(50);
        const mandatory = result.violations.filter(({ level }) => level === "mandatory");
        expect(mandatory.map(({ policy, name: on, message }) => `${policy}: ${on}: ${message}`)).to.deep.equal([]);
      });
    }
  }
});

import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { expect } from "chai";
import { ConfigurationError, configured, readConfigurations } from "../../../policies/run/configured";
import { packs } from "../../../policies/run/packs";
import { configurationErrors, suggestion } from "../../../policies/shared/configuration";

const [conventions] = packs;
const pack = conventions!;

describe("policies: a pack's configuration", () => {
  const right: [what: string, configuration: object][] = [
    ["nothing", {}],
    ["a level", { "log-retention": "remediate" }],
    ["a level for all", { all: "advisory" }],
    ["a level for all, as an object", { all: { enforcementLevel: "disabled" } }],
    ["parameters", { "log-retention": { minimumDays: 7, maximumDays: 30 } }],
    ["a level and parameters", { "required-tags": { enforcementLevel: "remediate", keys: ["a"], values: { a: "b" } } }],
    ["a pattern", { "resource-names": { pattern: "^shop-" } }],
  ];
  for (const [what, configuration] of right) {
    it(`takes ${what}`, () => expect(configurationErrors(pack, configuration as never)).to.deep.equal([]));
  }

  const wrong: [what: string, configuration: object, message: RegExp][] = [
    [
      "a policy there is not",
      { "log-retentoin": "advisory" },
      /^there is no policy "log-retentoin" in thingstack-conventions; did you mean "log-retention"\?$/,
    ],
    [
      "a policy of another pack",
      { "s3-tls-only": "advisory" },
      /^there is no policy "s3-tls-only" .+; there is all, required-tags, /,
    ],
    [
      "a level there is not",
      { "log-retention": "manditory" },
      /^log-retention: "manditory" is no level; did you mean "mandatory"\?$/,
    ],
    [
      "a level that is far from any",
      { "log-retention": "off" },
      /"off" is no level; there is advisory, mandatory, disabled, remediate$/,
    ],
    ["a level that is no text", { "log-retention": { enforcementLevel: 1 } }, /^log-retention: 1 is no level/],
    ["a level for all that there is not", { all: "of" }, /^all: "of" is no level/],
    ["a parameter for all", { all: { keys: [] } }, /^all: there is no parameter "keys"; it has none$/],
    [
      "a parameter there is not",
      { "log-retention": { minimumDay: 7 } },
      /^log-retention: there is no parameter "minimumDay"; did you mean "minimumDays"\?$/,
    ],
    [
      "a parameter of a policy that has none",
      { "lambda-json-logs": { format: "JSON" } },
      /^lambda-json-logs: there is no parameter "format"; it has none$/,
    ],
    [
      "a value of a wrong type",
      { "log-retention": { minimumDays: "7" } },
      /^log-retention\.minimumDays must be integer$/,
    ],
    ["a value out of range", { "log-retention": { minimumDays: 0 } }, /^log-retention\.minimumDays must be >= 1$/],
    [
      "a wrong element of a list",
      { "lambda-runtime": { architectures: ["arm"] } },
      /^lambda-runtime\.architectures\/0 must be equal to one of the allowed values$/,
    ],
    [
      "a pattern that is none",
      { "resource-names": { pattern: "(" } },
      /^resource-names\.pattern must match format "regex"$/,
    ],
    [
      "a list in place of an object",
      { "log-retention": [7] },
      /^log-retention: must be a level \(advisory, .+\) or an object/,
    ],
    ["null in place of an object", { "log-retention": null }, /^log-retention: must be a level/],
  ];
  for (const [what, configuration, message] of wrong) {
    it(`refuses ${what}`, () => {
      const [error, ...more] = configurationErrors(pack, configuration as never);
      expect(more).to.deep.equal([]);
      expect(error).to.match(message);
      expect(() => configured(pack, configuration as never)).to.throw(ConfigurationError, error!);
    });
  }

  it("says all that is wrong at once", () => {
    expect(configurationErrors(pack, { a: "b", "log-retention": { x: 1, enforcementLevel: "y" } })).to.have.lengthOf(3);
  });

  it("is applied as the engine does: all first, then by name", () => {
    const policies = configured(pack, { all: "disabled", "log-retention": { days: 3 }, descriptions: "mandatory" });
    const levels = Object.fromEntries(policies.map(({ name, enforcementLevel }) => [name, enforcementLevel]));
    expect(levels).to.include({ "log-retention": "disabled", descriptions: "mandatory", "required-tags": "disabled" });
    expect(configured(pack).find(({ name }) => name === "descriptions")?.enforcementLevel).to.equal("advisory");
  });
});

describe("policies: the configuration files", () => {
  let folder: string;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), "packs-"));
  });
  afterEach(() => rmSync(folder, { recursive: true }));

  it("are one per pack; one that is missing configures nothing", () => {
    writeFileSync(join(folder, "thingstack-security.json"), '{ "s3-tls-only": "advisory" }');
    expect(readConfigurations(folder, packs)).to.deep.equal({ "thingstack-security": { "s3-tls-only": "advisory" } });
  });

  for (const [what, text] of [
    ["is no JSON", "{"],
    ["is a list", "[]"],
    ["is null", "null"],
  ]) {
    it(`are refused by name where one ${what}`, () => {
      writeFileSync(join(folder, "thingstack-security.json"), text!);
      expect(() => readConfigurations(folder, packs)).to.throw(
        ConfigurationError,
        /thingstack-security\.json (is not JSON|must be an object)/,
      );
    });
  }

  it("of this repository are right", () => {
    const configurations = readConfigurations(resolve(__dirname, "../../../policies/config"), packs);
    for (const each of packs) configured(each, configurations[each.name]);
    expect(Object.keys(configurations)).to.include("thingstack-conventions");
  });
});

describe("policies: suggestions", () => {
  const known = ["mandatory", "advisory", "disabled"];
  for (const [wrong, said] of [
    ["mandatry", 'did you mean "mandatory"?'],
    ["Advisory", 'did you mean "advisory"?'],
    ["", "there is mandatory, advisory, disabled"],
    ["whatever", "there is mandatory, advisory, disabled"],
  ]) {
    it(`${JSON.stringify(wrong)}: ${said}`, () => expect(suggestion(wrong!, known)).to.equal(said));
  }
});

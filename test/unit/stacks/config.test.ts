import { readFileSync } from "node:fs";
import { expect } from "chai";
import { load } from "js-yaml";
import { ConfigError, loadConfig } from "../../../stacks/config";

const good = { "aws:region": "eu-central-1", "aws:allowedAccountIds": '["012345678901"]' };

describe("the stack's configuration", () => {
  it("needs a region and an account, and has defaults for the rest", () => {
    expect(loadConfig(good, "dev")).to.deep.equal({
      region: "eu-central-1",
      allowedAccountIds: ["012345678901"],
      permissionsBoundary: "",
      alarmEmails: [],
      reminderEmails: [],
      reminderInterval: 300,
      reminderCount: 5,
      logRetentionInDays: 30,
      alarms: {},
      logExportUrl: "",
      logExportSecretArn: "",
      telemetryWindow: 60,
      apiCanaryPercent: 0,
      deviceLogConcurrency: 20,
      consoleDomain: "",
      consoleCertificateArn: "",
      rollout: "Canary10Percent30Minutes",
      protect: true,
      devices: [],
      ownsAccountIot: true,
      apps: ["cooler"],
      deviceVersions: {},
    });
  });

  const bad: [string, Record<string, string | undefined>, RegExp][] = [
    ["no region", { "aws:region": undefined }, /aws:region is missing/],
    ["no account", { "aws:allowedAccountIds": undefined }, /aws:allowedAccountIds is missing/],
    ["an empty list of accounts", { "aws:allowedAccountIds": "[]" }, /must name at least one account/],
    ["an account that YAML read as a number", { "aws:allowedAccountIds": "[123456789012]" }, /twelve digits in quotes/],
    ["an account of eleven digits", { "aws:allowedAccountIds": '["12345678901"]' }, /\[0\] must be twelve digits/],
    ["a region that is none", { "aws:region": "Frankfurt" }, /aws:region must be an AWS region/],
    ["an interval of 0", { "thingstack:reminderInterval": "0" }, /reminderInterval must be a whole number of seconds/],
    ['an interval of "abc"', { "thingstack:reminderInterval": "abc" }, /not "abc"/],
    ["a count of 1.5", { "thingstack:reminderCount": "1.5" }, /reminderCount must be a whole number/],
    [
      "a window of ten minutes",
      { "thingstack:telemetryWindow": "600" },
      /telemetryWindow must be a whole number of seconds/,
    ],
    [
      "a rollout that CodeDeploy does not have",
      { "thingstack:rollout": "Canary50Percent" },
      /rollout must be one of AllAtOnce/,
    ],
    ["31 days of logs", { "thingstack:logRetentionInDays": "31" }, /logRetentionInDays must be one of 1, 3, 5/],
    [
      "an alarm threshold nobody knows",
      { "thingstack:alarms": '{"errorsRate":1}' },
      /alarms errorsRate is not known; there/,
    ],
    [
      "an error rate of 100 %",
      { "thingstack:alarms": '{"errorRate":100}' },
      /alarms errorRate must be .* from 0 to 99/,
    ],
    ["a period of 15 s", { "thingstack:alarms": '{"period":15}' }, /alarms period must be 10, 20, 30 or whole minutes/],
    ["thresholds as a list", { "thingstack:alarms": "[1]" }, /alarms must be an object of thresholds/],
    [
      "an export without TLS",
      { "thingstack:logExportUrl": "http://logs.example.com" },
      /logExportUrl must be an https:/,
    ],
    [
      "the export's key itself",
      { "thingstack:logExportSecretArn": "0123abcd" },
      /logExportSecretArn must be the ARN of a secret in Secrets Manager, not the key itself or a name/,
    ],
    ["protect: yes", { "thingstack:protect": "yes" }, /protect must be true or false, not "yes"/],
    ["a device with a space", { "thingstack:devices": '["a b"]' }, /devices \[0\] has " " in it/],
    ["one address instead of a list", { "thingstack:alarmEmails": "a@b.c" }, /alarmEmails must be a list/],
    ["an address that is none", { "thingstack:alarmEmails": '["a"]' }, /alarmEmails \[0\] must be an e-mail address/],
    ["a boundary that is no policy", { "thingstack:permissionsBoundary": "admin" }, /must be the ARN of an IAM policy/],
    ["a key nobody knows", { "thingstack:reminderIntervall": "3" }, /reminderIntervall is not known; there are/],
  ];
  for (const [what, change, message] of bad) {
    it(`is refused with ${what}`, () => {
      const raw = Object.fromEntries(Object.entries({ ...good, ...change }).filter(([, value]) => value !== undefined));
      expect(() => loadConfig(raw as Record<string, string>, "dev")).to.throw(ConfigError, message);
    });
  }

  it("reports every bad key at once, with the file to correct", () => {
    const raw = { "thingstack:reminderCount": "0", "thingstack:protect": "1" };
    expect(() => loadConfig(raw, "dev")).to.throw(
      ConfigError,
      /aws:region is missing\n.*allowedAccountIds is missing\n.*reminderCount[^\n]*\n.*protect[^\n]*\n.*Pulumi\.dev\.yaml/,
    );
  });

  const project = load(readFileSync("Pulumi.yaml", "utf8")) as { config: Record<string, { default?: unknown }> };
  for (const stack of ["dev", "prod", "local"]) {
    it(`of the stack ${stack} is good, and has no default other than the schema's`, () => {
      const own = (load(readFileSync(`Pulumi.${stack}.yaml`, "utf8")) as { config: Record<string, unknown> }).config;
      const raw = Object.fromEntries(
        Object.entries(own).map(([key, value]) => [key, typeof value === "string" ? value : JSON.stringify(value)]),
      );
      const withoutSchema = loadConfig(raw, stack);
      const defaults = Object.entries(project.config).map(([key, { default: value }]) => [key, JSON.stringify(value)]);
      expect(loadConfig({ ...Object.fromEntries(defaults), ...raw }, stack)).to.deep.equal(withoutSchema);
    });
  }
});

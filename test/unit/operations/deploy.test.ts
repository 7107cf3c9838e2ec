import { spawnSync } from "node:child_process";
import * as path from "node:path";
import { expect } from "chai";
import type { Outcome } from "../../../operations/deploy/release";
import { reportOf } from "../../../operations/deploy/report";

const root = path.resolve(__dirname, "../../..");
const deploy = (...args: string[]) =>
  spawnSync(process.execPath, ["-r", "./typescript.cjs", "operations/deploy.ts", ...args], {
    cwd: root,
    encoding: "utf8",
  });

describe("npm run deploy", () => {
  const mistakes: [string, string[], RegExp][] = [
    ["no stack", [], /say which stack/],
    [
      "a stack that there is not",
      ["--stack", "staging"],
      /no stack "staging".*There are .*dev.*prod.*Nothing was changed/,
    ],
    ["a path for a stack", ["--stack", "../prod"], /no stack "\.\.\/prod"/],
    ["an option that there is not", ["--stack", "dev", "--force"], /'--force'.*--help/],
  ];
  for (const [what, args, message] of mistakes) {
    it(`refuses ${what}, before anything is changed`, () => {
      const { status, stderr } = deploy(...args);
      expect(stderr).to.match(message);
      expect(status).to.equal(2);
    });
  }
});

describe("the report of a release", () => {
  const current: Outcome = { name: "a", result: "current", version: "3" };
  const live: Outcome = { name: "b", result: "live", version: "4", deploymentId: "d-1" };
  const rolledBack: Outcome = {
    name: "c",
    result: "rolled back",
    version: "5",
    deploymentId: "d-2",
    reason: "One or more alarms have been activated",
    alarms: ["c-errors-1234567"],
  };

  it("says at once that there was nothing to release", () => {
    expect(reportOf("prod", [current], "eu-central-1")).to.match(/^Nothing to release: all 1 functions of prod/);
  });

  it("tells what serves which version now", () => {
    expect(reportOf("prod", [current, live], "eu-central-1")).to.match(
      /Released 1 of 2.*1 had nothing new.*b serves version 4/s,
    );
  });

  it("names the alarm of a rollback, and links to it and to the deployment", () => {
    const report = reportOf("prod", [live, rolledBack], "eu-central-1");
    expect(report).to.match(/1 of 2 functions of prod did not go live.*c: rolled back; version 5 has the calls/s);
    expect(report).to.include("region=eu-central-1#alarmsV2:alarm/c-errors-1234567");
    expect(report).to.include("/codesuite/codedeploy/deployments/d-2");
  });

  it("links to nothing on the local cloud, which has no console", () => {
    expect(reportOf("local", [rolledBack], undefined))
      .to.include("alarm c-errors-1234567")
      .and.not.to.include("https://");
  });
});

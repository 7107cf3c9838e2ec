import { expect } from "chai";
import { codeDeployFill } from "../../../sandbox/codeDeploy";
import type { AwsRequest } from "../../../sandbox/fill";
import { target } from "./codeDeployHelp";

describe("CodeDeploy's fill", () => {
  const fill = codeDeployFill({ ...target, speed: 1 });
  after(() => fill.close());

  const request = (operation: string, input: object = {}, more: Partial<AwsRequest> = {}): AwsRequest => ({
    service: "codedeploy",
    accessKeyId: target.accountId,
    region: target.region,
    method: "POST",
    path: "/",
    query: new URLSearchParams(),
    headers: { "x-amz-target": `CodeDeploy_20141006.${operation}` },
    body: Buffer.from(JSON.stringify(input)),
    ...more,
  });

  const cases: [string, Partial<AwsRequest>, boolean][] = [
    ["takes what is CodeDeploy's", {}, true],
    ["leaves what is another service's", { service: "lambda" }, false],
    ["leaves what was passed on to MiniStack", { headers: { "x-thingstack-passed-on": "1" } }, false],
  ];
  for (const [what, more, taken] of cases) {
    it(what, () => {
      expect(fill.takes(request("ListApplications", {}, more))).to.equal(taken);
    });
  }

  it("answers without a body, too", async () => {
    const answer = await fill.answer(request("ListApplications", {}, { body: Buffer.alloc(0), region: "eu-west-1" }));
    expect(answer).to.deep.include({ status: 200, body: { applications: [] } });
  });

  it("tells of an error in AWS's form", async () => {
    expect(await fill.answer(request("GetApplication", { applicationName: "none" }))).to.deep.equal({
      status: 400,
      headers: { "content-type": "application/x-amz-json-1.1" },
      body: {
        __type: "ApplicationDoesNotExistException",
        message: "No Application found for name: none",
      },
    });
  });

  it("keeps accounts and regions apart, and takes a role for the cloud's own account", async () => {
    await fill.answer(request("CreateApplication", { applicationName: "app", computePlatform: "Lambda" }));
    const seen = async (more: Partial<AwsRequest>) => {
      const { body } = await fill.answer(request("ListApplications", {}, more));
      return (body as { applications: string[] }).applications;
    };
    expect(await seen({})).to.deep.equal(["app"]);
    expect(await seen({ accessKeyId: "ASIAROLE" })).to.deep.equal(["app"]);
    expect(await seen({ accessKeyId: "210987654321" })).to.deep.equal([]);
    expect(await seen({ region: "us-east-1" })).to.deep.equal([]);
  });
});

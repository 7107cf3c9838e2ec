import { expect } from "chai";
import {
  deployBoundary,
  type PolicyDocument,
  readPermissions,
  statePermissions,
  workloadBoundary,
  writePermissions,
} from "../../../stacks/bootstrap/permissions";
import type { Settings } from "../../../stacks/bootstrap/settings";
import { isAllowed } from "./iamDecision";

const settings: Settings = {
  project: "thingstack",
  stack: "dev",
  account: "111111111111",
  region: "eu-central-1",
  repository: "acme/fleet",
};
const keyArn = "arn:aws:kms:eu-central-1:111111111111:key/00000000-0000-0000-0000-000000000000";

describe("permissions of the bootstrap", () => {
  it("fit into IAM's limits; beyond them, split the policy that grew", () => {
    const size = (...documents: PolicyDocument[]) => JSON.stringify(documents).length;
    const long = { ...settings, stack: "a-stack-with-a-long-name", region: "ap-southeast-1" };
    expect(size(readPermissions(long)), "managed policy").to.be.at.most(6144);
    expect(size(deployBoundary(long, keyArn)), "managed policy").to.be.at.most(6144);
    const inline = size(writePermissions(long), statePermissions(long, keyArn, true));
    expect(inline, "inline policies of the deploy role").to.be.at.most(10_240);
  });

  const deploy = [readPermissions(settings), writePermissions(settings), statePermissions(settings, keyArn, true)];
  const preview = [readPermissions(settings), statePermissions(settings, keyArn, false)];
  const iam = "arn:aws:iam::111111111111";
  const bounded = { "iam:PermissionsBoundary": `${iam}:policy/thingstack-dev-workload-boundary` };
  const state = "arn:aws:s3:::thingstack-state-111111111111-eu-central-1";
  const table = "arn:aws:dynamodb:eu-central-1:111111111111:table/anomalies-1a2b3c4";
  type Case = [allowed: boolean, what: string, action: string, resource: string, context?: Record<string, string>];
  const cases: Record<string, [documents: PolicyDocument[], cases: Case[]]> = {
    deploy: [
      deploy,
      [
        [true, "make a table", "dynamodb:CreateTable", table],
        [false, "make a table in another region", "dynamodb:CreateTable", table.replace("eu-central-1", "us-east-1")],
        [false, "read what devices stored", "dynamodb:GetItem", table],
        [true, "make a bounded role on the stack's path", "iam:CreateRole", `${iam}:role/thingstack/dev/own`, bounded],
        [false, "make a role without a boundary", "iam:CreateRole", `${iam}:role/thingstack/dev/own`],
        [
          ...([
            false,
            "make a role with another boundary",
            "iam:CreateRole",
            `${iam}:role/thingstack/dev/own`,
          ] as const),
          { "iam:PermissionsBoundary": `${iam}:policy/AdministratorAccess` },
        ],
        [false, "make a role elsewhere", "iam:CreateRole", `${iam}:role/own`, bounded],
        [false, "make a role of prod", "iam:CreateRole", `${iam}:role/thingstack/prod/own`, bounded],
        [true, "hand a role of the stack to a service", "iam:PassRole", `${iam}:role/thingstack/dev/own`],
        [false, "hand the administrator's role to a service", "iam:PassRole", `${iam}:role/admin`],
        [false, "take a boundary off", "iam:DeleteRolePermissionsBoundary", `${iam}:role/thingstack/dev/own`, bounded],
        [false, "widen itself", "iam:PutRolePolicy", `${iam}:role/thingstack-dev-deploy`, bounded],
        [false, "change whom it trusts", "iam:UpdateAssumeRolePolicy", `${iam}:role/thingstack-dev-deploy`],
        [false, "change the boundary", "iam:CreatePolicyVersion", `${iam}:policy/thingstack-dev-workload-boundary`],
        [false, "make a user", "iam:CreateUser", `${iam}:user/backdoor`],
        [false, "take another role", "sts:AssumeRole", `${iam}:role/thingstack/dev/own`],
        [true, "write the state", "s3:PutObject", `${state}/.pulumi/stacks/thingstack/dev.json`],
        [false, "open the state bucket", "s3:PutBucketPolicy", state],
        [true, "configure a bucket of the stack", "s3:PutBucketPolicy", "arn:aws:s3:::telemetry-1a2b3c4"],
        [true, "upload the console", "s3:PutObject", "arn:aws:s3:::console-site-bucket-1a2b3c4/index.html"],
        [false, "upload firmware", "s3:PutObject", "arn:aws:s3:::firmware-bucket-1a2b3c4/releases/cooler/2.0.json"],
        [true, "encrypt a secret", "kms:Encrypt", keyArn],
        [false, "delete the key", "kms:ScheduleKeyDeletion", keyArn],
      ],
    ],
    preview: [
      preview,
      [
        [true, "read the state", "s3:GetObject", `${state}/.pulumi/stacks/thingstack/dev.json`],
        [false, "write the state", "s3:PutObject", `${state}/.pulumi/stacks/thingstack/dev.json`],
        [true, "look at a table", "dynamodb:DescribeTable", table],
        [false, "change a table", "dynamodb:UpdateTable", table],
        [false, "read what devices stored", "dynamodb:Scan", table],
        [true, "look at the console's files", "s3:GetObject", "arn:aws:s3:::console-site-bucket-1a2b3c4/index.html"],
        [false, "replace the console's files", "s3:PutObject", "arn:aws:s3:::console-site-bucket-1a2b3c4/index.html"],
        [false, "read stored telemetry", "s3:GetObject", "arn:aws:s3:::telemetry-bucket-1a2b3c4/telemetry/a.gz"],
        [true, "look at a role of the stack", "iam:GetRole", `${iam}:role/thingstack/dev/own`],
        [false, "make a role", "iam:CreateRole", `${iam}:role/thingstack/dev/own`, bounded],
      ],
    ],
  };
  for (const [role, [documents, table]] of Object.entries(cases)) {
    for (const [allowed, what, action, resource, context] of table) {
      it(`${allowed ? "let" : "do not let"} the ${role} role ${what}`, () => {
        expect(isAllowed(documents, deployBoundary(settings, keyArn), { action, resource, context })).to.equal(allowed);
      });
    }
  }

  it("keep the state from what the stack runs, whatever its roles say", () => {
    const everything: PolicyDocument = {
      Version: "2012-10-17",
      Statement: [{ Effect: "Allow", Action: "*", Resource: "*" }],
    };
    const may = (action: string, resource: string) =>
      isAllowed([everything], workloadBoundary(settings, keyArn), { action, resource });
    expect(may("dynamodb:PutItem", table)).to.equal(true);
    expect(may("s3:GetObject", `${state}/.pulumi/stacks/thingstack/dev.json`)).to.equal(false);
    expect(may("kms:Decrypt", keyArn)).to.equal(false);
    expect(may("iam:CreateUser", `${iam}:user/backdoor`)).to.equal(false);
  });

  it("grant no wildcard action anywhere", () => {
    const granted = [readPermissions(settings), writePermissions(settings)].flatMap(({ Statement }) => Statement);
    for (const { Action } of granted) for (const action of [Action].flat()) expect(action).not.to.contain("*");
  });
});

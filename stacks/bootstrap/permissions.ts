import { managedServices } from "./managedServices";
import { namesFor } from "./names";
import type { Settings } from "./settings";

interface Statement {
  readonly Sid?: string;
  readonly Effect: "Allow" | "Deny";
  readonly Principal?: object;
  readonly Action?: string | readonly string[];
  readonly NotAction?: readonly string[];
  readonly Resource?: string | readonly string[];
  readonly NotResource?: readonly string[];
  readonly Condition?: Readonly<Record<string, Readonly<Record<string, string | readonly string[]>>>>;
}

export interface PolicyDocument {
  readonly Version: "2012-10-17";
  readonly Statement: readonly Statement[];
}

const document = (...Statement: Statement[]): PolicyDocument => ({ Version: "2012-10-17", Statement });

/** The files of the console, which a deployment uploads: the only objects that it reads or writes. */
const consoleFiles = "arn:aws:s3:::console-site-bucket-*/*";

const reads = /^(Get|GET$|Describe|List|Validate)/;

/** Reads the configuration of everything that the stack manages, and no data: what a preview or a drift check does. */
export function readPermissions(settings: Settings): PolicyDocument {
  const { workloadPath } = namesFor(settings);
  const actions = managedServices.flatMap(({ service, actions }) =>
    actions.filter((action) => reads.test(action)).map((action) => `${service}:${action}`),
  );
  return document(
    {
      Effect: "Allow",
      Action: [...new Set(actions)],
      // All names are Pulumi's: ARNs would say the same in four times the text, and IAM counts characters.
      Resource: "*",
    },
    { Effect: "Allow", Action: ["s3:GetObject", "s3:GetObjectTagging"], Resource: consoleFiles },
    {
      Effect: "Allow",
      Action: ["iam:GetRole", "iam:GetRolePolicy", "iam:ListRolePolicies", "iam:ListAttachedRolePolicies"],
      Resource: `arn:aws:iam::${settings.account}:role${workloadPath}*`,
    },
    {
      Effect: "Allow",
      // AWS checks these two against no resource.
      Action: ["sts:GetCallerIdentity", "iam:ListAccountAliases"],
      Resource: "*",
    },
  );
}

/** Changes what the stack manages; roles only under the stack's own path and only inside the workload boundary. */
export function writePermissions(settings: Settings): PolicyDocument {
  const { workloadPath, workloadBoundary } = namesFor(settings);
  const roles = `arn:aws:iam::${settings.account}:role${workloadPath}*`;
  const bounded = {
    StringEquals: { "iam:PermissionsBoundary": `arn:aws:iam::${settings.account}:policy/${workloadBoundary}` },
  };
  return document(
    ...changes(settings),
    { Effect: "Allow", Action: ["s3:PutObject", "s3:PutObjectTagging", "s3:DeleteObject"], Resource: consoleFiles },
    {
      Effect: "Allow",
      Action: ["iam:CreateRole", "iam:PutRolePermissionsBoundary", "iam:PutRolePolicy", "iam:DeleteRolePolicy"],
      Resource: roles,
      Condition: bounded,
    },
    {
      Effect: "Allow",
      Action: [
        ...["iam:DeleteRole", "iam:UpdateRole", "iam:UpdateRoleDescription", "iam:UpdateAssumeRolePolicy"],
        ...["iam:TagRole", "iam:UntagRole", "iam:ListInstanceProfilesForRole", "iam:PassRole"],
      ],
      Resource: roles,
    },
  );
}

/** What an end-to-end test does to a deployed stack: acts as a device's owner and looks at what became of it. */
export function testPermissions({ region, account }: Settings): PolicyDocument {
  const where = `${region}:${account}`;
  return document(
    {
      Effect: "Allow",
      Action: ["iot:GetThingShadow", "iot:UpdateThingShadow", "iot:DeleteThingShadow", "iot:Publish"],
      Resource: [`arn:aws:iot:${where}:thing/*`, `arn:aws:iot:${where}:topic/*`],
    },
    {
      Effect: "Allow",
      Action: ["dynamodb:GetItem", "dynamodb:Query", "dynamodb:Scan", "dynamodb:DeleteItem", "dynamodb:DescribeTable"],
      Resource: `arn:aws:dynamodb:${where}:table/*`,
    },
    {
      Effect: "Allow",
      Action: ["states:ListExecutions", "states:DescribeExecution", "states:GetExecutionHistory"],
      Resource: [`arn:aws:states:${where}:stateMachine:*`, `arn:aws:states:${where}:execution:*`],
    },
    {
      Effect: "Allow",
      Action: ["sqs:ReceiveMessage", "sqs:DeleteMessage", "sqs:GetQueueAttributes", "sqs:GetQueueUrl"],
      Resource: `arn:aws:sqs:${where}:*`,
    },
    {
      Effect: "Allow",
      // AWS checks these two against no resource.
      Action: ["iot:DescribeEndpoint", "sts:GetCallerIdentity"],
      Resource: "*",
    },
  );
}

/** Pulumi's own needs: the state of the stack and the key of its secrets. A preview takes no lock and writes nothing. */
export function statePermissions(settings: Settings, keyArn: string, write: boolean): PolicyDocument {
  const { bucket } = namesFor(settings);
  return document(
    { Effect: "Allow", Action: ["s3:ListBucket", "s3:GetBucketLocation"], Resource: `arn:aws:s3:::${bucket}` },
    {
      Effect: "Allow",
      Action: ["s3:GetObject", ...(write ? ["s3:PutObject", "s3:DeleteObject"] : [])],
      Resource: `arn:aws:s3:::${bucket}/.pulumi/*`,
    },
    {
      Effect: "Allow",
      Action: ["kms:Decrypt", ...(write ? ["kms:Encrypt", "kms:GenerateDataKey"] : [])],
      Resource: keyArn,
    },
  );
}

/**
 * The most that the deploy role can ever do, whatever else is attached to it: no other services, no roles but the
 * stack's own and those inside the workload boundary, no change to what the bootstrap made.
 */
export function deployBoundary(settings: Settings, keyArn: string): PolicyDocument {
  const { bucket, workloadPath, workloadBoundary } = namesFor(settings);
  const services = [...new Set(managedServices.map(({ service }) => service))];
  return document(
    {
      Effect: "Allow",
      // A ceiling, not a grant: the policies of the role name the calls.
      Action: [...services.map((service) => `${service}:*`), "iam:*", "sts:GetCallerIdentity"],
      Resource: "*",
    },
    {
      Sid: "OnlyTheStacksOwnRoles",
      Effect: "Deny",
      NotAction: [
        ...services.map((service) => `${service}:*`),
        "kms:*",
        "sts:GetCallerIdentity",
        "iam:ListAccountAliases",
      ],
      NotResource: [`arn:aws:iam::${settings.account}:role${workloadPath}*`],
    },
    {
      Sid: "OnlyBoundedRoles",
      Effect: "Deny",
      Action: ["iam:CreateRole", "iam:PutRolePermissionsBoundary"],
      Resource: "*",
      Condition: {
        StringNotEquals: { "iam:PermissionsBoundary": `arn:aws:iam::${settings.account}:policy/${workloadBoundary}` },
      },
    },
    { Sid: "BoundariesStay", Effect: "Deny", Action: "iam:DeleteRolePermissionsBoundary", Resource: "*" },
    {
      Sid: "StateBucketStaysAsItIs",
      Effect: "Deny",
      NotAction: ["s3:ListBucket", "s3:GetBucketLocation", "s3:GetObject", "s3:PutObject", "s3:DeleteObject"],
      Resource: [`arn:aws:s3:::${bucket}`, `arn:aws:s3:::${bucket}/*`],
    },
    {
      Sid: "KeyStaysAsItIs",
      Effect: "Deny",
      NotAction: ["kms:Encrypt", "kms:Decrypt", "kms:GenerateDataKey", "kms:DescribeKey"],
      Resource: keyArn,
    },
  );
}

/** The most that any role of the stack can do: nothing with identities, nothing with the state and its key. */
export function workloadBoundary(settings: Settings, keyArn: string): PolicyDocument {
  const { bucket } = namesFor(settings);
  return document(
    {
      Effect: "Allow",
      NotAction: ["iam:*", "organizations:*", "account:*", "sts:AssumeRole"],
      Resource: "*",
    },
    {
      Sid: "StateIsNotForWorkloads",
      Effect: "Deny",
      Action: ["s3:*", "kms:*"],
      Resource: [`arn:aws:s3:::${bucket}`, `arn:aws:s3:::${bucket}/*`, keyArn],
    },
  );
}

/** Who may take a role: workflows of the repository, in the places of GitHub that the subjects name. */
export function trust(settings: Settings, ...subjects: string[]): PolicyDocument {
  return document({
    Effect: "Allow",
    Principal: { Federated: namesFor(settings).oidcProviderArn },
    Action: "sts:AssumeRoleWithWebIdentity",
    Condition: {
      StringEquals: {
        "token.actions.githubusercontent.com:aud": "sts.amazonaws.com",
        "token.actions.githubusercontent.com:sub": subjects.map((subject) => `repo:${settings.repository}:${subject}`),
      },
    },
  });
}

function changes({ region, account }: Settings): Statement[] {
  // What names the same resources is one statement: IAM counts characters.
  const byResources = new Map<string, { resources: string[]; actions: string[] }>();
  for (const { service, resource, actions } of managedServices) {
    const changing = actions.filter((action) => !reads.test(action)).map((action) => `${service}:${action}`);
    if (changing.length === 0) continue;
    const resources = [resource].flat().map((each) => arnOf(service, each, region, account));
    const key = resources.join();
    const found = byResources.get(key) ?? { resources, actions: [] };
    byResources.set(key, { resources, actions: [...found.actions, ...changing] });
  }
  return [...byResources.values()].map(({ resources, actions }) => ({
    Effect: "Allow" as const,
    Action: actions,
    Resource: resources.length === 1 ? resources[0]! : resources,
  }));
}

function arnOf(service: string, resource: string, region: string, account: string): string {
  if (resource === "*") return "*";
  const where = resource
    .replace("<where>", `${region}:${account}`)
    .replace("<region>", region)
    .replace("<account>", account);
  return `arn:aws:${service}:${where}`;
}

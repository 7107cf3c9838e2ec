import {
  AddClientIDToOpenIDConnectProviderCommand,
  AttachRolePolicyCommand,
  CreateOpenIDConnectProviderCommand,
  CreatePolicyCommand,
  CreatePolicyVersionCommand,
  CreateRoleCommand,
  DeletePolicyVersionCommand,
  GetOpenIDConnectProviderCommand,
  GetPolicyCommand,
  GetPolicyVersionCommand,
  GetRoleCommand,
  GetRolePolicyCommand,
  type IAMClient,
  ListAttachedRolePoliciesCommand,
  ListPolicyVersionsCommand,
  PutRolePermissionsBoundaryCommand,
  PutRolePolicyCommand,
  UpdateAssumeRolePolicyCommand,
} from "@aws-sdk/client-iam";
import type { PolicyDocument } from "./permissions";
import { ifThere, type Step, same } from "./step";

const absent = "NoSuchEntityException";

/** IAM hands documents out URL-encoded. */
const decoded = (text: string | undefined): unknown => (text ? JSON.parse(decodeURIComponent(text)) : undefined);

/** Lets the workflows of GitHub Actions prove who they are. One per account, shared by all that use it. */
export function oidcProviderStep(iam: IAMClient, arn: string, tags: Record<string, string>): Step {
  const url = `https://${arn.slice(arn.indexOf("/") + 1)}`;
  const audience = "sts.amazonaws.com";
  const find = () =>
    ifThere(() => iam.send(new GetOpenIDConnectProviderCommand({ OpenIDConnectProviderArn: arn })), absent);
  return {
    what: `OIDC provider ${url}`,
    isRight: async () => (await find())?.ClientIDList?.includes(audience) === true,
    make: async () => {
      if (await find()) {
        const request = { OpenIDConnectProviderArn: arn, ClientID: audience };
        await iam.send(new AddClientIDToOpenIDConnectProviderCommand(request));
      } else {
        // AWS trusts GitHub's certificate by its own list of authorities: no thumbprint to keep up to date.
        await iam.send(
          new CreateOpenIDConnectProviderCommand({ Url: url, ClientIDList: [audience], Tags: iamTags(tags) }),
        );
      }
    },
  };
}

/** A managed policy with exactly this document. */
export function policyStep(
  iam: IAMClient,
  arn: string,
  description: string,
  document: () => PolicyDocument,
  tags: Record<string, string>,
): Step {
  const find = () => ifThere(() => iam.send(new GetPolicyCommand({ PolicyArn: arn })), absent);
  return {
    what: `IAM policy ${nameOf(arn)}`,
    isRight: async () => {
      const policy = (await find())?.Policy;
      if (!policy) return false;
      const version = await iam.send(
        new GetPolicyVersionCommand({ PolicyArn: arn, VersionId: policy.DefaultVersionId }),
      );
      return same(decoded(version.PolicyVersion?.Document), document());
    },
    make: async () => {
      const PolicyDocument = JSON.stringify(document());
      if (!(await find())) {
        const request = { PolicyName: nameOf(arn), Description: description, PolicyDocument, Tags: iamTags(tags) };
        await iam.send(new CreatePolicyCommand(request));
        return;
      }
      // IAM keeps five versions of a policy and refuses a sixth.
      const { Versions = [] } = await iam.send(new ListPolicyVersionsCommand({ PolicyArn: arn }));
      const old = Versions.filter((version) => !version.IsDefaultVersion).sort(
        (a, b) => (a.CreateDate?.getTime() ?? 0) - (b.CreateDate?.getTime() ?? 0),
      );
      if (Versions.length >= 5 && old[0]) {
        await iam.send(new DeletePolicyVersionCommand({ PolicyArn: arn, VersionId: old[0].VersionId }));
      }
      await iam.send(new CreatePolicyVersionCommand({ PolicyArn: arn, PolicyDocument, SetAsDefault: true }));
    },
  };
}

export interface RoleArgs {
  readonly name: string;
  readonly description: string;
  readonly trust: PolicyDocument;
  readonly boundaryArn?: string;
  readonly attached: readonly string[];
  /** Inline policies by name. */
  readonly inline: Readonly<Record<string, () => PolicyDocument>>;
  readonly tags: Record<string, string>;
}

/** A role that trusts exactly whom it should, inside its boundary, with exactly these policies. */
export function roleSteps(iam: IAMClient, args: RoleArgs): Step[] {
  const RoleName = args.name;
  const find = async () => (await ifThere(() => iam.send(new GetRoleCommand({ RoleName })), absent))?.Role;
  const AssumeRolePolicyDocument = JSON.stringify(args.trust);
  return [
    {
      what: `IAM role ${args.name}: ${args.description}`,
      isRight: async () => (await find()) !== undefined,
      make: async () => {
        await iam.send(
          new CreateRoleCommand({
            RoleName,
            AssumeRolePolicyDocument,
            Description: args.description,
            PermissionsBoundary: args.boundaryArn,
            Tags: iamTags(args.tags),
          }),
        );
      },
    },
    {
      what: `whom ${args.name} trusts`,
      isRight: async () => same(decoded((await find())?.AssumeRolePolicyDocument), args.trust),
      make: async () => {
        await iam.send(new UpdateAssumeRolePolicyCommand({ RoleName, PolicyDocument: AssumeRolePolicyDocument }));
      },
    },
    ...(args.boundaryArn ? [boundaryStep(iam, args.name, args.boundaryArn)] : []),
    ...args.attached.map((arn) => attachmentStep(iam, args.name, arn)),
    ...Object.entries(args.inline).map(([name, document]) => inlineStep(iam, args.name, name, document)),
  ];
}

function boundaryStep(iam: IAMClient, RoleName: string, boundaryArn: string): Step {
  return {
    what: `boundary of ${RoleName}`,
    isRight: async () => {
      const found = await ifThere(() => iam.send(new GetRoleCommand({ RoleName })), absent);
      return found?.Role?.PermissionsBoundary?.PermissionsBoundaryArn === boundaryArn;
    },
    make: async () => {
      await iam.send(new PutRolePermissionsBoundaryCommand({ RoleName, PermissionsBoundary: boundaryArn }));
    },
  };
}

function attachmentStep(iam: IAMClient, RoleName: string, PolicyArn: string): Step {
  return {
    what: `${nameOf(PolicyArn)} attached to ${RoleName}`,
    isRight: async () => {
      const found = await ifThere(() => iam.send(new ListAttachedRolePoliciesCommand({ RoleName })), absent);
      return found?.AttachedPolicies?.some((policy) => policy.PolicyArn === PolicyArn) === true;
    },
    make: async () => {
      await iam.send(new AttachRolePolicyCommand({ RoleName, PolicyArn }));
    },
  };
}

function inlineStep(iam: IAMClient, RoleName: string, PolicyName: string, document: () => PolicyDocument): Step {
  return {
    what: `policy ${PolicyName} of ${RoleName}`,
    isRight: async () => {
      const found = await ifThere(() => iam.send(new GetRolePolicyCommand({ RoleName, PolicyName })), absent);
      return found !== undefined && same(decoded(found.PolicyDocument), document());
    },
    make: async () => {
      await iam.send(new PutRolePolicyCommand({ RoleName, PolicyName, PolicyDocument: JSON.stringify(document()) }));
    },
  };
}

const nameOf = (arn: string) => arn.slice(arn.lastIndexOf("/") + 1);
const iamTags = (tags: Record<string, string>) => Object.entries(tags).map(([Key, Value]) => ({ Key, Value }));

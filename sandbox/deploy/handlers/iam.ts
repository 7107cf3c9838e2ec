import {
  AttachRolePolicyCommand,
  CreatePolicyCommand,
  CreatePolicyVersionCommand,
  CreateRoleCommand,
  DeletePolicyCommand,
  DeletePolicyVersionCommand,
  DeleteRoleCommand,
  DeleteRolePermissionsBoundaryCommand,
  DeleteRolePolicyCommand,
  DetachRolePolicyCommand,
  GetPolicyCommand,
  GetPolicyVersionCommand,
  GetRoleCommand,
  GetRolePolicyCommand,
  IAMClient,
  ListAttachedRolePoliciesCommand,
  ListPolicyVersionsCommand,
  ListRolePoliciesCommand,
  PutRolePermissionsBoundaryCommand,
  PutRolePolicyCommand,
  TagPolicyCommand,
  TagRoleCommand,
  UntagPolicyCommand,
  UntagRoleCommand,
  UpdateAssumeRolePolicyCommand,
  UpdateRoleCommand,
} from "@aws-sdk/client-iam";
import type { iam } from "@pulumi/aws";
import { jsonText } from "../attributes";
import { type Context, orGone } from "../context";
import type { Handlers, Inputs, ResourceHandler } from "../handler";
import { tagList, tagMap, updateTags } from "../tags";

const role: ResourceHandler<iam.RoleArgs, iam.RoleState> = {
  autoName: { property: "name", maxLength: 64 },
  tagged: true,
  replaceOn: ["name", "path"],

  async create(inputs, ctx) {
    await ctx.client(IAMClient).send(
      new CreateRoleCommand({
        RoleName: inputs.name,
        AssumeRolePolicyDocument: jsonText(inputs.assumeRolePolicy),
        Description: inputs.description,
        MaxSessionDuration: inputs.maxSessionDuration,
        Path: inputs.path,
        PermissionsBoundary: inputs.permissionsBoundary,
        Tags: tagList(inputs.tagsAll),
      }),
    );
    await setRolePolicies(ctx, inputs.name!, inputs, {});
    return inputs.name!;
  },

  async read(RoleName, state, ctx) {
    const found = await orGone(ctx.client(IAMClient).send(new GetRoleCommand({ RoleName })));
    const Role = found?.Role;
    if (!Role) return undefined;
    return {
      arn: Role.Arn,
      name: Role.RoleName,
      path: Role.Path,
      assumeRolePolicy: decodeURIComponent(Role.AssumeRolePolicyDocument ?? ""),
      description: Role.Description,
      maxSessionDuration: Role.MaxSessionDuration ?? 3600,
      permissionsBoundary: Role.PermissionsBoundary?.PermissionsBoundaryArn,
      createDate: Role.CreateDate?.toISOString(),
      uniqueId: Role.RoleId,
      tagsAll: tagMap(Role.Tags),
      // Policies that are resources of their own are none of this one's business.
      ...(state.managedPolicyArns && { managedPolicyArns: await attachedPolicies(ctx, RoleName) }),
    };
  },

  async update(RoleName, news, olds, ctx) {
    const iamClient = ctx.client(IAMClient);
    const { description: Description = "", maxSessionDuration: MaxSessionDuration = 3600 } = news;
    await iamClient.send(new UpdateRoleCommand({ RoleName, Description, MaxSessionDuration }));
    const PolicyDocument = jsonText(news.assumeRolePolicy);
    await iamClient.send(new UpdateAssumeRolePolicyCommand({ RoleName, PolicyDocument }));
    if (news.permissionsBoundary) {
      const PermissionsBoundary = news.permissionsBoundary;
      await iamClient.send(new PutRolePermissionsBoundaryCommand({ RoleName, PermissionsBoundary }));
    } else if (olds.permissionsBoundary) {
      await iamClient.send(new DeleteRolePermissionsBoundaryCommand({ RoleName }));
    }
    await setRolePolicies(ctx, RoleName, news, olds as Inputs<iam.RoleArgs>);
    await updateTags(olds.tagsAll, news.tagsAll, {
      set: (tags) => iamClient.send(new TagRoleCommand({ RoleName, Tags: tagList(tags) })),
      remove: (TagKeys) => iamClient.send(new UntagRoleCommand({ RoleName, TagKeys })),
    });
  },

  async delete(RoleName, state, ctx) {
    if (!(await orGone(ctx.client(IAMClient).send(new GetRoleCommand({ RoleName }))))) return;
    const arns = state.forceDetachPolicies ? await attachedPolicies(ctx, RoleName) : (state.managedPolicyArns ?? []);
    for (const PolicyArn of arns) {
      await orGone(ctx.client(IAMClient).send(new DetachRolePolicyCommand({ RoleName, PolicyArn })));
    }
    const inline = state.forceDetachPolicies
      ? ((await ctx.client(IAMClient).send(new ListRolePoliciesCommand({ RoleName }))).PolicyNames ?? [])
      : (state.inlinePolicies ?? []).map((policy) => policy.name!);
    for (const PolicyName of inline) {
      await orGone(ctx.client(IAMClient).send(new DeleteRolePolicyCommand({ RoleName, PolicyName })));
    }
    await orGone(ctx.client(IAMClient).send(new DeleteRoleCommand({ RoleName })));
  },
};

/** Brings the policies that a role declares itself from `olds` to `news`. */
async function setRolePolicies(
  ctx: Context,
  RoleName: string,
  news: Inputs<iam.RoleArgs>,
  olds: Partial<Inputs<iam.RoleArgs>>,
): Promise<void> {
  const iamClient = ctx.client(IAMClient);
  const wanted = news.managedPolicyArns ?? [];
  const had = olds.managedPolicyArns ?? [];
  for (const PolicyArn of had.filter((arn) => !wanted.includes(arn))) {
    await orGone(iamClient.send(new DetachRolePolicyCommand({ RoleName, PolicyArn })));
  }
  for (const PolicyArn of wanted.filter((arn) => !had.includes(arn))) {
    await iamClient.send(new AttachRolePolicyCommand({ RoleName, PolicyArn }));
  }
  const names = (news.inlinePolicies ?? []).map((policy) => policy.name);
  for (const { name: PolicyName } of (olds.inlinePolicies ?? []).filter(({ name }) => !names.includes(name))) {
    await orGone(iamClient.send(new DeleteRolePolicyCommand({ RoleName, PolicyName })));
  }
  for (const { name: PolicyName, policy: PolicyDocument } of news.inlinePolicies ?? []) {
    if (PolicyDocument) await iamClient.send(new PutRolePolicyCommand({ RoleName, PolicyName, PolicyDocument }));
  }
}

async function attachedPolicies(ctx: Context, RoleName: string): Promise<string[]> {
  const { AttachedPolicies = [] } = await ctx.client(IAMClient).send(new ListAttachedRolePoliciesCommand({ RoleName }));
  return AttachedPolicies.map((policy) => policy.PolicyArn!);
}

const rolePolicy: ResourceHandler<iam.RolePolicyArgs, iam.RolePolicyState> = {
  autoName: { property: "name" },
  replaceOn: ["name", "role"],

  async create(inputs, ctx) {
    await putRolePolicy(ctx, inputs);
    return `${inputs.role}:${inputs.name}`;
  },

  async read(id, _state, ctx) {
    const [RoleName, PolicyName] = splitId(id, ":");
    const found = await orGone(ctx.client(IAMClient).send(new GetRolePolicyCommand({ RoleName, PolicyName })));
    return found && { name: PolicyName, role: RoleName, policy: decodeURIComponent(found.PolicyDocument ?? "") };
  },

  update: (_id, news, _olds, ctx) => putRolePolicy(ctx, news),

  async delete(id, _state, ctx) {
    const [RoleName, PolicyName] = splitId(id, ":");
    await orGone(ctx.client(IAMClient).send(new DeleteRolePolicyCommand({ RoleName, PolicyName })));
  },
};

async function putRolePolicy(ctx: Context, { role, name, policy }: Inputs<iam.RolePolicyArgs>): Promise<void> {
  await ctx
    .client(IAMClient)
    .send(new PutRolePolicyCommand({ RoleName: role, PolicyName: name, PolicyDocument: jsonText(policy) }));
}

const rolePolicyAttachment: ResourceHandler<iam.RolePolicyAttachmentArgs, iam.RolePolicyAttachmentState> = {
  replaceOn: ["role", "policyArn"],
  deleteBeforeReplace: true,

  async create({ role, policyArn }, ctx) {
    await ctx.client(IAMClient).send(new AttachRolePolicyCommand({ RoleName: role, PolicyArn: policyArn }));
    return `${role}/${policyArn}`;
  },

  async read(id, _state, ctx) {
    const [role, policyArn] = splitId(id, "/");
    const attached = await orGone(attachedPolicies(ctx, role));
    return attached?.includes(policyArn) ? { role, policyArn } : undefined;
  },

  async delete(id, _state, ctx) {
    const [RoleName, PolicyArn] = splitId(id, "/");
    await orGone(ctx.client(IAMClient).send(new DetachRolePolicyCommand({ RoleName, PolicyArn })));
  },
};

const policy: ResourceHandler<iam.PolicyArgs, iam.PolicyState> = {
  autoName: { property: "name" },
  tagged: true,
  replaceOn: ["name", "path", "description"],

  async create(inputs, ctx) {
    const { Policy } = await ctx.client(IAMClient).send(
      new CreatePolicyCommand({
        PolicyName: inputs.name,
        Path: inputs.path,
        Description: inputs.description,
        PolicyDocument: jsonText(inputs.policy),
        Tags: tagList(inputs.tagsAll),
      }),
    );
    return Policy!.Arn!;
  },

  async read(PolicyArn, _state, ctx) {
    const found = await orGone(ctx.client(IAMClient).send(new GetPolicyCommand({ PolicyArn })));
    const Policy = found?.Policy;
    if (!Policy) return undefined;
    const { PolicyVersion } = await ctx
      .client(IAMClient)
      .send(new GetPolicyVersionCommand({ PolicyArn, VersionId: Policy.DefaultVersionId! }));
    return {
      arn: PolicyArn,
      name: Policy.PolicyName,
      path: Policy.Path,
      description: Policy.Description,
      policy: decodeURIComponent(PolicyVersion?.Document ?? ""),
      policyId: Policy.PolicyId,
      attachmentCount: Policy.AttachmentCount,
      tagsAll: tagMap(Policy.Tags),
    };
  },

  async update(PolicyArn, news, olds, ctx) {
    const iamClient = ctx.client(IAMClient);
    // AWS keeps five versions at most; the old ones are of no use to anybody here.
    await deleteOldVersions(ctx, PolicyArn);
    const PolicyDocument = jsonText(news.policy);
    await iamClient.send(new CreatePolicyVersionCommand({ PolicyArn, PolicyDocument, SetAsDefault: true }));
    await updateTags(olds.tagsAll, news.tagsAll, {
      set: (tags) => iamClient.send(new TagPolicyCommand({ PolicyArn, Tags: tagList(tags) })),
      remove: (TagKeys) => iamClient.send(new UntagPolicyCommand({ PolicyArn, TagKeys })),
    });
  },

  async delete(PolicyArn, _state, ctx) {
    await orGone(deleteOldVersions(ctx, PolicyArn));
    await orGone(ctx.client(IAMClient).send(new DeletePolicyCommand({ PolicyArn })));
  },
};

async function deleteOldVersions(ctx: Context, PolicyArn: string): Promise<void> {
  const { Versions = [] } = await ctx.client(IAMClient).send(new ListPolicyVersionsCommand({ PolicyArn }));
  for (const { VersionId, IsDefaultVersion } of Versions) {
    if (!IsDefaultVersion) {
      await ctx.client(IAMClient).send(new DeletePolicyVersionCommand({ PolicyArn, VersionId: VersionId! }));
    }
  }
}

function splitId(id: string, separator: string): [string, string] {
  const at = id.indexOf(separator);
  return [id.slice(0, at), id.slice(at + 1)];
}

export const handlers: Handlers = {
  "aws:iam/role:Role": role,
  "aws:iam/rolePolicy:RolePolicy": rolePolicy,
  "aws:iam/rolePolicyAttachment:RolePolicyAttachment": rolePolicyAttachment,
  "aws:iam/policy:Policy": policy,
};

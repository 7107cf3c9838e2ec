import {
  AttachRolePolicyCommand,
  CreateRoleCommand,
  DeleteRoleCommand,
  DeleteRolePermissionsBoundaryCommand,
  DeleteRolePolicyCommand,
  DetachRolePolicyCommand,
  GetRoleCommand,
  IAMClient,
  ListAttachedRolePoliciesCommand,
  ListRolePoliciesCommand,
  PutRolePermissionsBoundaryCommand,
  PutRolePolicyCommand,
  TagRoleCommand,
  UntagRoleCommand,
  UpdateAssumeRolePolicyCommand,
  UpdateRoleCommand,
} from "@aws-sdk/client-iam";
import type { iam } from "@pulumi/aws";
import { jsonText } from "../../attributes";
import { type Context, orGone } from "../../context";
import type { Inputs, ResourceHandler } from "../../handler";
import { tagList, tagMap, updateTags } from "../../tags";

export const role: ResourceHandler<iam.RoleArgs, iam.RoleState> = {
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
    return { id: inputs.name!, finish: () => setRolePolicies(ctx, inputs.name!, inputs, {}) };
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

/** The ARNs of the managed policies that a role has. */
export async function attachedPolicies(ctx: Context, RoleName: string): Promise<string[]> {
  const { AttachedPolicies = [] } = await ctx.client(IAMClient).send(new ListAttachedRolePoliciesCommand({ RoleName }));
  return AttachedPolicies.map((policy) => policy.PolicyArn!);
}

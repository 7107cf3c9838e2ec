import {
  AttachRolePolicyCommand,
  CreatePolicyCommand,
  CreatePolicyVersionCommand,
  DeletePolicyCommand,
  DeletePolicyVersionCommand,
  DeleteRolePolicyCommand,
  DetachRolePolicyCommand,
  GetPolicyCommand,
  GetPolicyVersionCommand,
  GetRolePolicyCommand,
  IAMClient,
  ListPolicyVersionsCommand,
  PutRolePolicyCommand,
  TagPolicyCommand,
  UntagPolicyCommand,
} from "@aws-sdk/client-iam";
import type { iam } from "@pulumi/aws";
import { jsonText } from "../../attributes";
import { type Context, orGone } from "../../context";
import type { Inputs, ResourceHandler } from "../../handler";
import { tagList, tagMap, updateTags } from "../../tags";
import { attachedPolicies } from "./role";

export const rolePolicy: ResourceHandler<iam.RolePolicyArgs, iam.RolePolicyState> = {
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

export const rolePolicyAttachment: ResourceHandler<iam.RolePolicyAttachmentArgs, iam.RolePolicyAttachmentState> = {
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

export const policy: ResourceHandler<iam.PolicyArgs, iam.PolicyState> = {
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

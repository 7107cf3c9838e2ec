import {
  CreateAliasCommand,
  CreateKeyCommand,
  type CreateKeyCommandInput,
  DeleteAliasCommand,
  DescribeKeyCommand,
  DisableKeyCommand,
  DisableKeyRotationCommand,
  EnableKeyCommand,
  EnableKeyRotationCommand,
  GetKeyPolicyCommand,
  GetKeyRotationStatusCommand,
  KMSClient,
  ListAliasesCommand,
  ListResourceTagsCommand,
  PutKeyPolicyCommand,
  ScheduleKeyDeletionCommand,
  TagResourceCommand,
  UntagResourceCommand,
  UpdateAliasCommand,
  UpdateKeyDescriptionCommand,
} from "@aws-sdk/client-kms";
import type { kms } from "@pulumi/aws";
import { jsonText } from "../attributes";
import { type Context, orGone } from "../context";
import type { Handlers, Inputs, ResourceHandler } from "../handler";
import { updateTags } from "../tags";

type Key = Inputs<kms.KeyArgs>;

const key: ResourceHandler<kms.KeyArgs, kms.KeyState> = {
  tagged: true,
  replaceOn: ["keyUsage", "customerMasterKeySpec", "multiRegion", "customKeyStoreId", "xksKeyId"],
  notAtCreate: ["deletionWindowInDays"],

  async create(inputs, ctx) {
    const { KeyMetadata } = await ctx.client(KMSClient).send(
      new CreateKeyCommand({
        Description: inputs.description,
        KeyUsage: inputs.keyUsage as CreateKeyCommandInput["KeyUsage"],
        KeySpec: inputs.customerMasterKeySpec as CreateKeyCommandInput["KeySpec"],
        MultiRegion: inputs.multiRegion,
        BypassPolicyLockoutSafetyCheck: inputs.bypassPolicyLockoutSafetyCheck,
        ...(inputs.policy && { Policy: jsonText(inputs.policy) }),
        Tags: keyTags(inputs.tagsAll),
      }),
    );
    const KeyId = KeyMetadata!.KeyId!;
    const finish = async () => {
      if (inputs.enableKeyRotation) await setRotation(ctx, KeyId, inputs);
      if (inputs.isEnabled === false) await ctx.client(KMSClient).send(new DisableKeyCommand({ KeyId }));
    };
    return { id: KeyId, finish };
  },

  async read(KeyId, _state, ctx) {
    const client = ctx.client(KMSClient);
    const found = await orGone(client.send(new DescribeKeyCommand({ KeyId })));
    const metadata = found?.KeyMetadata;
    // A deleted key stays for its waiting period; to a program it is gone.
    if (!metadata || metadata.KeyState === "PendingDeletion") return undefined;
    const symmetric = metadata.KeySpec === "SYMMETRIC_DEFAULT";
    const [{ Policy }, rotation, { Tags = [] }] = await Promise.all([
      client.send(new GetKeyPolicyCommand({ KeyId, PolicyName: "default" })),
      symmetric ? client.send(new GetKeyRotationStatusCommand({ KeyId })) : undefined,
      client.send(new ListResourceTagsCommand({ KeyId })),
    ]);
    return {
      arn: metadata.Arn,
      keyId: metadata.KeyId,
      description: metadata.Description,
      isEnabled: metadata.Enabled,
      keyUsage: metadata.KeyUsage,
      customerMasterKeySpec: metadata.KeySpec,
      multiRegion: metadata.MultiRegion ?? false,
      policy: Policy,
      enableKeyRotation: rotation?.KeyRotationEnabled ?? false,
      rotationPeriodInDays: rotation?.RotationPeriodInDays,
      tagsAll: Object.fromEntries(Tags.map(({ TagKey, TagValue }) => [TagKey!, TagValue!])),
    };
  },

  async update(KeyId, news, olds, ctx) {
    const client = ctx.client(KMSClient);
    if (news.description !== olds.description) {
      await client.send(new UpdateKeyDescriptionCommand({ KeyId, Description: news.description ?? "" }));
    }
    if (news.policy) {
      await client.send(new PutKeyPolicyCommand({ KeyId, PolicyName: "default", Policy: jsonText(news.policy) }));
    }
    if (news.enableKeyRotation || olds.enableKeyRotation) await setRotation(ctx, KeyId, news);
    await client.send(news.isEnabled === false ? new DisableKeyCommand({ KeyId }) : new EnableKeyCommand({ KeyId }));
    await updateTags(olds.tagsAll, news.tagsAll, {
      set: (tags) => client.send(new TagResourceCommand({ KeyId, Tags: keyTags(tags) })),
      remove: (TagKeys) => client.send(new UntagResourceCommand({ KeyId, TagKeys })),
    });
  },

  async delete(KeyId, state, ctx) {
    if (!(await key.read(KeyId, state, ctx))) return;
    const PendingWindowInDays = state.deletionWindowInDays ?? 30;
    await orGone(ctx.client(KMSClient).send(new ScheduleKeyDeletionCommand({ KeyId, PendingWindowInDays })));
  },
};

const keyTags = (tags: Record<string, string> = {}) =>
  Object.entries(tags).map(([TagKey, TagValue]) => ({ TagKey, TagValue }));

async function setRotation(ctx: Context, KeyId: string, inputs: Key): Promise<void> {
  await ctx
    .client(KMSClient)
    .send(
      inputs.enableKeyRotation
        ? new EnableKeyRotationCommand({ KeyId, RotationPeriodInDays: inputs.rotationPeriodInDays })
        : new DisableKeyRotationCommand({ KeyId }),
    );
}

const alias: ResourceHandler<kms.AliasArgs, kms.AliasState> = {
  autoName: {
    property: "name",
    maxLength: 238,
    finish: (name) => (name.startsWith("alias/") ? name : `alias/${name}`),
  },
  replaceOn: ["name"],

  async create(inputs, ctx) {
    const AliasName = inputs.name!;
    await ctx.client(KMSClient).send(new CreateAliasCommand({ AliasName, TargetKeyId: inputs.targetKeyId }));
    return AliasName;
  },

  async read(AliasName, state, ctx) {
    // Only the list says which key an alias stands for; it is short on a laptop.
    const { Aliases = [] } = await ctx.client(KMSClient).send(new ListAliasesCommand({ Limit: 100 }));
    const found = Aliases.find((one) => one.AliasName === AliasName);
    if (!found) return undefined;
    const described = await orGone(ctx.client(KMSClient).send(new DescribeKeyCommand({ KeyId: found.TargetKeyId! })));
    const targetKeyArn = described?.KeyMetadata?.Arn;
    // Programs name the key by id or by ARN; either is the same key.
    const targetKeyId = state.targetKeyId === targetKeyArn ? targetKeyArn : found.TargetKeyId;
    return { arn: found.AliasArn, name: AliasName, targetKeyArn, targetKeyId };
  },

  async update(AliasName, { targetKeyId: TargetKeyId }, _olds, ctx) {
    await ctx.client(KMSClient).send(new UpdateAliasCommand({ AliasName, TargetKeyId }));
  },

  async delete(AliasName, _state, ctx) {
    await orGone(ctx.client(KMSClient).send(new DeleteAliasCommand({ AliasName })));
  },
};

export const handlers: Handlers = {
  "aws:kms/key:Key": key,
  "aws:kms/alias:Alias": alias,
};

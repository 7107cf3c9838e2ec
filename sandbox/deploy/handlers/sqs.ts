import {
  CreateQueueCommand,
  DeleteQueueCommand,
  GetQueueAttributesCommand,
  ListQueueTagsCommand,
  SetQueueAttributesCommand,
  SQSClient,
  TagQueueCommand,
  UntagQueueCommand,
} from "@aws-sdk/client-sqs";
import type { sqs } from "@pulumi/aws";
import { type AttributeTable, changedAttributes, fromAttributes, jsonText, toAttributes } from "../attributes";
import { type Context, orGone } from "../context";
import type { Handlers, ResourceHandler } from "../handler";
import { updateTags } from "../tags";

const attributes: AttributeTable = {
  contentBasedDeduplication: ["ContentBasedDeduplication", "boolean", "false"],
  deduplicationScope: ["DeduplicationScope", "string", "queue"],
  delaySeconds: ["DelaySeconds", "number", "0"],
  fifoQueue: ["FifoQueue", "boolean", "false"],
  fifoThroughputLimit: ["FifoThroughputLimit", "string", "perQueue"],
  kmsDataKeyReusePeriodSeconds: ["KmsDataKeyReusePeriodSeconds", "number", "300"],
  kmsMasterKeyId: ["KmsMasterKeyId", "string", ""],
  maxMessageSize: ["MaximumMessageSize", "number", "262144"],
  messageRetentionSeconds: ["MessageRetentionPeriod", "number", "345600"],
  policy: ["Policy", "string", ""],
  receiveWaitTimeSeconds: ["ReceiveMessageWaitTimeSeconds", "number", "0"],
  redriveAllowPolicy: ["RedriveAllowPolicy", "string", ""],
  redrivePolicy: ["RedrivePolicy", "string", ""],
  sqsManagedSseEnabled: ["SqsManagedSseEnabled", "boolean", "true"],
  visibilityTimeoutSeconds: ["VisibilityTimeout", "number", "30"],
};

const queue: ResourceHandler<sqs.QueueArgs, sqs.QueueState> = {
  autoName: {
    property: "name",
    maxLength: 80,
    finish: (name, inputs) => (inputs.fifoQueue === true ? `${name}.fifo` : name),
  },
  tagged: true,
  replaceOn: ["name", "fifoQueue"],

  async create(inputs, ctx) {
    const { QueueUrl } = await ctx.client(SQSClient).send(
      new CreateQueueCommand({
        QueueName: inputs.name,
        Attributes: toAttributes(attributes, inputs),
        tags: inputs.tagsAll,
      }),
    );
    return QueueUrl!;
  },

  async read(QueueUrl, _state, ctx) {
    const found = await readAttributes(ctx, QueueUrl, ["All"]);
    if (!found) return undefined;
    const { Tags = {} } = await ctx.client(SQSClient).send(new ListQueueTagsCommand({ QueueUrl }));
    return {
      ...fromAttributes(attributes, found),
      fifoQueue: found.FifoQueue === "true",
      arn: found.QueueArn,
      name: found.QueueArn?.split(":").pop(),
      url: QueueUrl,
      tagsAll: Tags,
    };
  },

  async update(QueueUrl, news, olds, ctx) {
    const { FifoQueue: _, ...Attributes } = changedAttributes(attributes, olds, news);
    await ctx.client(SQSClient).send(new SetQueueAttributesCommand({ QueueUrl, Attributes }));
    await updateTags(olds.tagsAll, news.tagsAll, {
      set: (Tags) => ctx.client(SQSClient).send(new TagQueueCommand({ QueueUrl, Tags })),
      remove: (TagKeys) => ctx.client(SQSClient).send(new UntagQueueCommand({ QueueUrl, TagKeys })),
    });
  },

  async delete(QueueUrl, _state, ctx) {
    await orGone(ctx.client(SQSClient).send(new DeleteQueueCommand({ QueueUrl })));
  },
};

const queuePolicy: ResourceHandler<sqs.QueuePolicyArgs, sqs.QueuePolicyState> = {
  replaceOn: ["queueUrl"],

  async create(inputs, ctx) {
    await setPolicy(ctx, inputs.queueUrl, jsonText(inputs.policy));
    return inputs.queueUrl;
  },

  async read(queueUrl, _state, ctx) {
    const found = await readAttributes(ctx, queueUrl, ["Policy"]);
    return found?.Policy ? { queueUrl, policy: found.Policy } : undefined;
  },

  update: (queueUrl, news, _olds, ctx) => setPolicy(ctx, queueUrl, jsonText(news.policy)),

  async delete(queueUrl, _state, ctx) {
    await orGone(setPolicy(ctx, queueUrl, ""));
  },
};

async function readAttributes(ctx: Context, QueueUrl: string, names: ("All" | "Policy")[]) {
  const found = await orGone(
    ctx.client(SQSClient).send(new GetQueueAttributesCommand({ QueueUrl, AttributeNames: names })),
  );
  return found && ((found.Attributes ?? {}) as Record<string, string | undefined>);
}

async function setPolicy(ctx: Context, QueueUrl: string, Policy: string): Promise<void> {
  await ctx.client(SQSClient).send(new SetQueueAttributesCommand({ QueueUrl, Attributes: { Policy } }));
}

export const handlers: Handlers = {
  "aws:sqs/queue:Queue": queue,
  "aws:sqs/queuePolicy:QueuePolicy": queuePolicy,
};

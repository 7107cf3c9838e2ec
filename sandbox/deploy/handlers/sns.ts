import {
  CreateTopicCommand,
  DeleteTopicCommand,
  GetSubscriptionAttributesCommand,
  GetTopicAttributesCommand,
  ListTagsForResourceCommand,
  SetSubscriptionAttributesCommand,
  SetTopicAttributesCommand,
  SNSClient,
  SubscribeCommand,
  TagResourceCommand,
  UnsubscribeCommand,
  UntagResourceCommand,
} from "@aws-sdk/client-sns";
import type { sns } from "@pulumi/aws";
import { type AttributeTable, changedAttributes, fromAttributes, jsonText, toAttributes } from "../attributes";
import { orGone } from "../context";
import type { Handlers, ResourceHandler } from "../handler";
import { tagList, tagMap, updateTags } from "../tags";

const topicAttributes: AttributeTable = {
  archivePolicy: ["ArchivePolicy", "string", "{}"],
  contentBasedDeduplication: ["ContentBasedDeduplication", "boolean", "false"],
  deliveryPolicy: ["DeliveryPolicy", "string", ""],
  displayName: ["DisplayName", "string", ""],
  fifoThroughputScope: ["FifoThroughputScope", "string", "Topic"],
  fifoTopic: ["FifoTopic", "boolean", "false"],
  kmsMasterKeyId: ["KmsMasterKeyId", "string", ""],
  policy: ["Policy", "string", ""],
  signatureVersion: ["SignatureVersion", "number", "1"],
  tracingConfig: ["TracingConfig", "string", "PassThrough"],
};

const topic: ResourceHandler<sns.TopicArgs, sns.TopicState> = {
  autoName: {
    property: "name",
    maxLength: 80,
    finish: (name, inputs) => (inputs.fifoTopic === true ? `${name}.fifo` : name),
  },
  tagged: true,
  replaceOn: ["name", "fifoTopic"],

  async create(inputs, ctx) {
    const { TopicArn } = await ctx.client(SNSClient).send(
      new CreateTopicCommand({
        Name: inputs.name,
        Attributes: toAttributes(topicAttributes, inputs),
        Tags: tagList(inputs.tagsAll),
      }),
    );
    return TopicArn!;
  },

  async read(TopicArn, _state, ctx) {
    const found = await orGone(ctx.client(SNSClient).send(new GetTopicAttributesCommand({ TopicArn })));
    if (!found) return undefined;
    const { Tags } = await ctx.client(SNSClient).send(new ListTagsForResourceCommand({ ResourceArn: TopicArn }));
    return {
      ...fromAttributes(topicAttributes, found.Attributes ?? {}),
      arn: TopicArn,
      name: TopicArn.split(":").pop(),
      owner: found.Attributes?.Owner,
      fifoTopic: found.Attributes?.FifoTopic === "true",
      tagsAll: tagMap(Tags),
    };
  },

  async update(TopicArn, news, olds, ctx) {
    const { FifoTopic: _, ...changes } = changedAttributes(topicAttributes, olds, news);
    for (const [AttributeName, AttributeValue] of Object.entries(changes)) {
      await ctx.client(SNSClient).send(new SetTopicAttributesCommand({ TopicArn, AttributeName, AttributeValue }));
    }
    await updateTags(olds.tagsAll, news.tagsAll, {
      set: (tags) => ctx.client(SNSClient).send(new TagResourceCommand({ ResourceArn: TopicArn, Tags: tagList(tags) })),
      remove: (TagKeys) => ctx.client(SNSClient).send(new UntagResourceCommand({ ResourceArn: TopicArn, TagKeys })),
    });
  },

  async delete(TopicArn, _state, ctx) {
    await orGone(ctx.client(SNSClient).send(new DeleteTopicCommand({ TopicArn })));
  },
};

const topicPolicy: ResourceHandler<sns.TopicPolicyArgs, sns.TopicPolicyState> = {
  replaceOn: ["arn"],

  async create(inputs, ctx) {
    await ctx.client(SNSClient).send(policyCommand(inputs.arn, jsonText(inputs.policy)));
    return inputs.arn;
  },

  async read(TopicArn, _state, ctx) {
    const found = await orGone(ctx.client(SNSClient).send(new GetTopicAttributesCommand({ TopicArn })));
    return found && { arn: TopicArn, policy: found.Attributes?.Policy, owner: found.Attributes?.Owner };
  },

  async update(arn, news, _olds, ctx) {
    await ctx.client(SNSClient).send(policyCommand(arn, jsonText(news.policy)));
  },

  async delete(arn, _state, ctx) {
    // A topic always has a policy: what goes back is the one AWS gives every new topic.
    await orGone(ctx.client(SNSClient).send(policyCommand(arn, ownerOnlyPolicy(arn, ctx.accountId))));
  },
};

const subscriptionAttributes: AttributeTable = {
  deliveryPolicy: ["DeliveryPolicy", "string", ""],
  filterPolicy: ["FilterPolicy", "string", "{}"],
  filterPolicyScope: ["FilterPolicyScope", "string", "MessageAttributes"],
  rawMessageDelivery: ["RawMessageDelivery", "boolean", "false"],
  redrivePolicy: ["RedrivePolicy", "string", ""],
  replayPolicy: ["ReplayPolicy", "string", ""],
  subscriptionRoleArn: ["SubscriptionRoleArn", "string", ""],
};

const topicSubscription: ResourceHandler<sns.TopicSubscriptionArgs, sns.TopicSubscriptionState> = {
  replaceOn: ["topic", "protocol", "endpoint"],

  async create(inputs, ctx) {
    const { SubscriptionArn } = await ctx.client(SNSClient).send(
      new SubscribeCommand({
        TopicArn: inputs.topic,
        Protocol: inputs.protocol,
        Endpoint: inputs.endpoint,
        Attributes: toAttributes(subscriptionAttributes, inputs),
        ReturnSubscriptionArn: true,
      }),
    );
    return SubscriptionArn!;
  },

  async read(SubscriptionArn, _state, ctx) {
    const found = await orGone(ctx.client(SNSClient).send(new GetSubscriptionAttributesCommand({ SubscriptionArn })));
    if (!found) return undefined;
    const { Attributes = {} } = found;
    return {
      ...fromAttributes(subscriptionAttributes, Attributes),
      arn: SubscriptionArn,
      topic: Attributes.TopicArn,
      protocol: Attributes.Protocol,
      endpoint: Attributes.Endpoint,
      ownerId: Attributes.Owner,
      pendingConfirmation: Attributes.PendingConfirmation === "true",
      confirmationWasAuthenticated: Attributes.ConfirmationWasAuthenticated === "true",
    };
  },

  async update(SubscriptionArn, news, olds, ctx) {
    for (const [AttributeName, AttributeValue] of Object.entries(
      changedAttributes(subscriptionAttributes, olds, news),
    )) {
      await ctx
        .client(SNSClient)
        .send(new SetSubscriptionAttributesCommand({ SubscriptionArn, AttributeName, AttributeValue }));
    }
  },

  async delete(SubscriptionArn, _state, ctx) {
    await orGone(ctx.client(SNSClient).send(new UnsubscribeCommand({ SubscriptionArn })));
  },
};

const policyCommand = (TopicArn: string, AttributeValue: string) =>
  new SetTopicAttributesCommand({ TopicArn, AttributeName: "Policy", AttributeValue });

function ownerOnlyPolicy(arn: string, accountId: string): string {
  const actions = ["Subscribe", "ListSubscriptionsByTopic", "GetTopicAttributes", "SetTopicAttributes", "Publish"];
  return JSON.stringify({
    Version: "2008-10-17",
    Id: "__default_policy_ID",
    Statement: [
      {
        Sid: "__default_statement_ID",
        Effect: "Allow",
        Principal: { AWS: "*" },
        Action: actions.map((action) => `SNS:${action}`),
        Resource: arn,
        Condition: { StringEquals: { "AWS:SourceOwner": accountId } },
      },
    ],
  });
}

export const handlers: Handlers = {
  "aws:sns/topic:Topic": topic,
  "aws:sns/topicPolicy:TopicPolicy": topicPolicy,
  "aws:sns/topicSubscription:TopicSubscription": topicSubscription,
};

import {
  type Action,
  CreateTopicRuleCommand,
  DeleteTopicRuleCommand,
  GetTopicRuleCommand,
  IoTClient,
  ReplaceTopicRuleCommand,
  type TopicRulePayload,
} from "@aws-sdk/client-iot";
import type { iot } from "@pulumi/aws";
import { orGone } from "../../context";
import type { Inputs, Properties, ResourceHandler } from "../../handler";
import { changeTags, readTags } from "./tags";

/**
 * Every action: its list among the inputs of @pulumi/aws, its name in an error action there, its name in AWS.
 * The fields of an action are called the same in both, but for the headers of `http`.
 */
const actions: readonly (readonly [list: keyof Inputs<iot.TopicRuleArgs>, single: string, aws: keyof Action])[] = [
  ["cloudwatchAlarms", "cloudwatchAlarm", "cloudwatchAlarm"],
  ["cloudwatchLogs", "cloudwatchLogs", "cloudwatchLogs"],
  ["cloudwatchMetrics", "cloudwatchMetric", "cloudwatchMetric"],
  ["dynamodbs", "dynamodb", "dynamoDB"],
  ["dynamodbv2s", "dynamodbv2", "dynamoDBv2"],
  ["elasticsearch", "elasticsearch", "elasticsearch"],
  ["firehoses", "firehose", "firehose"],
  ["https", "http", "http"],
  ["iotAnalytics", "iotAnalytics", "iotAnalytics"],
  ["iotEvents", "iotEvents", "iotEvents"],
  ["kafkas", "kafka", "kafka"],
  ["kineses", "kinesis", "kinesis"],
  ["lambdas", "lambda", "lambda"],
  ["republishes", "republish", "republish"],
  ["s3", "s3", "s3"],
  ["sns", "sns", "sns"],
  ["sqs", "sqs", "sqs"],
  ["stepFunctions", "stepFunctions", "stepFunctions"],
  ["timestreams", "timestream", "timestream"],
];

/** AWS does not tell a rule that is not there from one that the caller may not see. */
const ruleIsGone = "UnauthorizedException";

export const topicRule: ResourceHandler<iot.TopicRuleArgs, iot.TopicRuleState> = {
  // The logical name as it is: Pulumi adds nothing random here, and AWS takes letters, digits and `_` only.
  autoName: { property: "name", randomLength: 0 },
  tagged: true,
  replaceOn: ["name"],

  async create(inputs, ctx) {
    await ctx.client(IoTClient).send(
      new CreateTopicRuleCommand({
        ruleName: inputs.name,
        topicRulePayload: payload(inputs),
        tags: new URLSearchParams(inputs.tagsAll).toString() || undefined,
      }),
    );
    return inputs.name!;
  },

  async read(ruleName, _state, ctx) {
    const found = await orGone(ctx.client(IoTClient).send(new GetTopicRuleCommand({ ruleName })), ruleIsGone);
    const rule = found?.rule;
    if (!rule) return undefined;
    return {
      arn: found.ruleArn,
      name: rule.ruleName,
      enabled: !rule.ruleDisabled,
      sql: rule.sql,
      sqlVersion: rule.awsIotSqlVersion,
      description: rule.description ?? "",
      ...actionLists(rule.actions ?? []),
      errorAction: rule.errorAction && errorAction(rule.errorAction),
      tagsAll: await readTags(ctx, found.ruleArn),
    };
  },

  async update(ruleName, news, olds, ctx) {
    await ctx.client(IoTClient).send(new ReplaceTopicRuleCommand({ ruleName, topicRulePayload: payload(news) }));
    await changeTags(ctx, olds.arn, olds.tagsAll, news.tagsAll);
  },

  async delete(ruleName, _state, ctx) {
    await orGone(ctx.client(IoTClient).send(new DeleteTopicRuleCommand({ ruleName })), ruleIsGone);
  },
};

function payload(inputs: Inputs<iot.TopicRuleArgs>): TopicRulePayload {
  const error = inputs.errorAction as Properties | undefined;
  const [, single, aws] = actions.find(([, name]) => error?.[name]) ?? [];
  return {
    sql: inputs.sql,
    awsIotSqlVersion: inputs.sqlVersion,
    description: inputs.description ?? "",
    ruleDisabled: !inputs.enabled,
    actions: actions.flatMap(([list, , name]) =>
      ((inputs[list] ?? []) as Properties[]).map((fields) => ({ [name]: toAws(name, fields) }) as unknown as Action),
    ),
    ...(aws && { errorAction: { [aws]: toAws(aws, error?.[single!] as Properties) } as unknown as Action }),
  };
}

function toAws(action: string, fields: Properties): Properties {
  if (action !== "http") return fields;
  const { httpHeaders, ...rest } = fields;
  return { ...rest, ...(httpHeaders !== undefined && { headers: httpHeaders }) };
}

function fromAws(action: string, fields: Properties): Properties {
  if (action !== "http") return fields;
  const { headers, ...rest } = fields;
  return { ...rest, ...(headers !== undefined && { httpHeaders: headers }) };
}

function actionLists(found: readonly Action[]): Properties {
  const lists = actions.map(([list, , name]) => {
    const fields = found.map((action) => action[name]).filter((one) => one !== undefined && one !== null);
    return [list, fields.length > 0 ? fields.map((one) => fromAws(name, one as unknown as Properties)) : undefined];
  });
  return Object.fromEntries(lists);
}

function errorAction(found: Action): Properties {
  const [, single, name] = actions.find(([, , aws]) => found[aws]) ?? [];
  return name ? { [single!]: fromAws(name, found[name] as unknown as Properties) } : {};
}

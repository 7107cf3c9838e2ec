import * as aws from "@pulumi/aws";
import * as pulumi from "@pulumi/pulumi";
import { ArgumentErrors } from "./argumentErrors";
import { text, topicFilter } from "./checks";
import { Handler, type HandlerArgs } from "./handler";
import { Rule } from "./rule";

export interface TopicSubscriptionArgs<Event, Result> extends HandlerArgs<Event, Result> {
  /** The MQTT topics to listen to: `+` is one level, `#` the rest. At most 256 bytes and 7 slashes. */
  readonly topicFilter: string;
  /**
   * What the callback gets of a message: the SELECT list in AWS IoT SQL.
   * @default "*"
   * @example "*, topic(3) AS deviceId"
   */
  readonly select?: string;
  /**
   * Which messages it gets: a condition in AWS IoT SQL.
   * @default every message
   * @example "temperature > 80"
   */
  readonly where?: string;
}

/**
 * Runs a callback for the messages of a topic: a rule that calls a function, and the permission between them.
 *
 * Nothing is lost without a trace. A call that the rule cannot place (the function is gone, the permission is missing) goes
 * to {@link undelivered}; a call that fails three times (one run, two retries) goes to the function's
 * `handler.failures` with the event and the reason. Both have an alarm.
 *
 * ```ts
 * new TopicSubscription("device-log", {
 *   description: "Writes what devices log about themselves",
 *   topicFilter: "my/things/+/log",
 *   select: "*, topic(3) AS deviceId",
 *   callbackFactory: () => async (line: { deviceId: string; message: string }) => console.log(line),
 * });
 * ```
 */
export class TopicSubscription<Event = unknown, Result = unknown> extends pulumi.ComponentResource {
  readonly handler: Handler<Event, Result>;
  readonly rule: Rule;

  constructor(name: string, args: TopicSubscriptionArgs<Event, Result>, opts?: pulumi.ComponentResourceOptions) {
    super("thingstack:iot:TopicSubscription", name, {}, opts);
    const { topicFilter: filter, select = "*", where, ...handlerArgs } = args;
    checkArgs(name, args);
    const parent = { parent: this };

    this.handler = new Handler(name, handlerArgs, parent);
    this.rule = new Rule(
      name,
      {
        description: args.description,
        sql: `SELECT ${select} FROM '${filter}'${where ? ` WHERE ${where}` : ""}`,
        actions: () => ({ lambdas: [{ functionArn: this.handler.function.arn }] }),
        alarmTopicArn: args.alarmTopicArn,
      },
      parent,
    );
    new aws.lambda.Permission(
      `${name}-permission`,
      {
        action: "lambda:InvokeFunction",
        function: this.handler.function.name,
        principal: "iot.amazonaws.com",
        sourceArn: this.rule.rule.arn,
      },
      parent,
    );

    this.registerOutputs({ handler: this.handler, rule: this.rule });
  }
}

function checkArgs<Event, Result>(name: string, args: TopicSubscriptionArgs<Event, Result>): void {
  const errors = new ArgumentErrors(`TopicSubscription ${JSON.stringify(name)}`);
  errors.check("topicFilter", args.topicFilter ?? "", topicFilter);
  errors.check("select", args.select, text(60_000));
  errors.check("where", args.where, text(60_000));
  errors.throwIfAny();
}

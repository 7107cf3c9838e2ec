import type { StackResource } from "./policy";
import { refersTo } from "./references";

export const functionType = "aws:lambda/function:Function";
export const aliasType = "aws:lambda/alias:Alias";

/** Services that invoke a function asynchronously, by the principal of the permission they need. */
const callers: Readonly<Record<string, string>> = {
  "iot.amazonaws.com": "AWS IoT rules",
  "s3.amazonaws.com": "S3 notifications",
  "sns.amazonaws.com": "SNS",
  "events.amazonaws.com": "EventBridge",
  "logs.amazonaws.com": "log subscriptions",
  "lambda.alarms.cloudwatch.amazonaws.com": "alarms",
  "ses.amazonaws.com": "SES",
};

/** Properties that name a function to call asynchronously, for callers that need no permission or are in the stack themselves. */
const triggers: Readonly<Record<string, readonly string[]>> = {
  "aws:iot/topicRule:TopicRule": ["lambdas", "errorAction"],
  "aws:s3/bucketNotification:BucketNotification": ["lambdaFunctions"],
  "aws:sns/topicSubscription:TopicSubscription": ["endpoint"],
  "aws:cloudwatch/eventTarget:EventTarget": ["arn"],
  "aws:cloudwatch/logSubscriptionFilter:LogSubscriptionFilter": ["destinationArn"],
  "aws:cloudwatch/metricAlarm:MetricAlarm": ["alarmActions", "okActions", "insufficientDataActions"],
  "aws:scheduler/schedule:Schedule": ["target"],
};

/** Who in the stack calls a function (or an alias of one) asynchronously, in words; undefined where nobody does. */
export function asynchronousCaller(target: StackResource, stack: readonly StackResource[]): string | undefined {
  for (const resource of stack) {
    if (resource.type === "aws:lambda/permission:Permission" && permits(resource, target, stack)) {
      const principal = resource.props.isKnown("principal") ? resource.props.text("principal") : undefined;
      const caller = callers[principal ?? ""];
      if (caller) return `${caller} (${resource.name})`;
    }
    for (const path of triggers[resource.type] ?? []) {
      if (resource.props.has(path) && refersTo(resource, path, target)) return resource.name;
    }
  }
  return undefined;
}

/** A permission with a qualifier is for an alias, one without for the function itself. */
function permits(permission: StackResource, target: StackResource, stack: readonly StackResource[]): boolean {
  if (target.type !== aliasType) return !permission.props.has("qualifier") && refersTo(permission, "function", target);
  return (
    refersTo(permission, "function", target) ||
    (refersTo(permission, "qualifier", target) &&
      stack.some(
        (fn) =>
          fn.type === functionType && refersTo(permission, "function", fn) && refersTo(target, "functionName", fn),
      ))
  );
}

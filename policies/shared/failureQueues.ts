import type { StackResource } from "./policy";
import { refersTo } from "./references";

/** Properties that name a queue as the place for what failed. */
const destinations: Readonly<Record<string, readonly string[]>> = {
  "aws:lambda/functionEventInvokeConfig:FunctionEventInvokeConfig": ["destinationConfig.onFailure"],
  "aws:lambda/function:Function": ["deadLetterConfig"],
  "aws:lambda/eventSourceMapping:EventSourceMapping": ["destinationConfig.onFailure"],
  "aws:sqs/queue:Queue": ["redrivePolicy"],
  "aws:sqs/redrivePolicy:RedrivePolicy": ["redrivePolicy"],
  "aws:sns/topicSubscription:TopicSubscription": ["redrivePolicy"],
  "aws:iot/topicRule:TopicRule": ["errorAction.sqs"],
  "aws:cloudwatch/eventTarget:EventTarget": ["deadLetterConfig"],
  "aws:scheduler/schedule:Schedule": ["target.deadLetterConfig"],
};

/** Whose failures a queue takes, by resource name; undefined where nobody's. */
export function failuresOf(queue: StackResource, stack: readonly StackResource[]): string | undefined {
  const source = stack.find((resource) =>
    (destinations[resource.type] ?? []).some(
      (path) => resource.props.has(path) && refersTo(resource, path, queue, false),
    ),
  );
  return source?.name;
}

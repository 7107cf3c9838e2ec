import { arns } from "./compliantStack";
import { type TestResource, unknown } from "./support";
import { add, gone, remove, set, table } from "./table";

describe("policies: calls that fail", () => {
  describe("rule-error-action", () => {
    table([
      set("rule", "finds a rule without one", { errorAction: undefined }, ["rule-error-action"]),
      set("rule", "finds an empty one", { errorAction: {} }, ["rule-error-action"]),
      set("rule", "takes one that is not known yet", { errorAction: unknown }),
    ]);
  });

  describe("asynchronous-destination", () => {
    const found = ["asynchronous-destination on worker"];
    const worker = ["worker"];
    const live: TestResource = {
      type: "aws:lambda/alias:Alias",
      name: "live",
      props: { name: "live", arn: arns.live, functionName: "worker" },
      dependencies: { functionName: worker },
    };
    table([
      gone("on-failure", "finds a function that a rule calls", found, /permission|rule/),
      set(
        "on-failure",
        "finds a configuration without a destination for failures",
        { destinationConfig: { onSuccess: { destination: "arn" } } },
        found,
      ),
      set("on-failure", "finds that the destination is another function's", { functionName: "other" }, found),
      set("on-failure", "takes an empty qualifier for none, as the AWS provider writes it", { qualifier: "" }),
      set("on-failure", "finds that the destination is for another version", { qualifier: "7" }, found),
      set("on-failure", "takes one whose function is not known yet, by what it was made from", {
        functionName: unknown,
      }),
      {
        title: "takes a dead-letter queue of the function",
        on: "worker",
        change: (props, _resource, stack) => {
          props.deadLetterConfig = { targetArn: arns.failures };
          remove(stack, "on-failure");
        },
      },
      add("leaves a function alone that nobody calls asynchronously", [], []),
      add(
        "leaves a function alone that an API calls",
        [
          {
            type: "aws:lambda/permission:Permission",
            name: "p",
            props: { function: "worker", principal: "apigateway.amazonaws.com", sourceArn: "arn" },
          },
        ],
        [],
      ),
      ...["s3", "sns", "events", "logs", "ses"].map((service) =>
        add(
          `finds a function that ${service} calls`,
          [
            {
              type: "aws:lambda/permission:Permission",
              name: "p",
              props: {
                function: arns.worker,
                principal: `${service}.amazonaws.com`,
                sourceArn: "arn",
                sourceAccount: "1",
              },
            },
          ],
          found,
        ),
      ),
      add(
        "finds a function that a bucket notifies, not known yet",
        [
          {
            type: "aws:s3/bucketNotification:BucketNotification",
            name: "n",
            props: { bucket: "bucket", lambdaFunctions: [{ lambdaFunctionArn: unknown }] },
            dependencies: { lambdaFunctions: worker },
          },
        ],
        found,
      ),
      add(
        "finds a function subscribed to a topic",
        [
          {
            type: "aws:sns/topicSubscription:TopicSubscription",
            name: "s",
            props: { protocol: "lambda", endpoint: arns.worker },
          },
        ],
        found,
      ),
      add(
        "finds a function that an EventBridge rule targets",
        [{ type: "aws:cloudwatch/eventTarget:EventTarget", name: "t", props: { arn: arns.worker } }],
        found,
      ),
      add(
        "finds a function that is scheduled",
        [{ type: "aws:scheduler/schedule:Schedule", name: "s", props: { target: { arn: arns.worker } } }],
        found,
      ),
      add(
        "does not take a function of a longer name for it",
        [{ type: "aws:sns/topicSubscription:TopicSubscription", name: "s", props: { endpoint: `${arns.worker}-2` } }],
        [],
      ),
      {
        title: "finds an alias that is called, whose function's destination is not its own",
        on: "on-failure",
        change: (_props, _resource, stack) => {
          stack.push(live, {
            type: "aws:sns/topicSubscription:TopicSubscription",
            name: "s",
            props: { endpoint: arns.live },
          });
        },
        finds: ["asynchronous-destination on live"],
      },
      {
        title: "finds an alias that a permission is for",
        on: "on-failure",
        change: (_props, _resource, stack) => {
          stack.push(live, {
            type: "aws:lambda/permission:Permission",
            name: "p",
            props: { function: "worker", qualifier: "live", principal: "iot.amazonaws.com", sourceArn: "arn" },
          });
        },
        finds: ["asynchronous-destination on live"],
      },
      {
        title: "takes an alias with a destination of its own",
        on: "on-failure",
        change: (_props, _resource, stack) => {
          stack.push(
            live,
            { type: "aws:sns/topicSubscription:TopicSubscription", name: "s", props: { endpoint: arns.live } },
            {
              type: "aws:lambda/functionEventInvokeConfig:FunctionEventInvokeConfig",
              name: "live-on-failure",
              props: {
                functionName: "worker",
                qualifier: "live",
                destinationConfig: { onFailure: { destination: arns.failures } },
              },
            },
          );
        },
      },
    ]);
  });
});

import { aliasType, asynchronousCaller, functionType } from "../shared/asynchronousCalls";
import { type StackResource, stackPolicy } from "../shared/policy";
import { refersTo } from "../shared/references";

/** What a function failed on for good is not lost. */
export const asynchronousDestination = stackPolicy({
  name: "asynchronous-destination",
  description: "Every function that is called asynchronously has an on-failure destination.",
  why:
    "the caller is told 202 and forgets; after two retries Lambda drops the event. The error action of an AWS IoT rule does not " +
    "fire when the function throws.",
  fix:
    "add an `aws.lambda.FunctionEventInvokeConfig` with `destinationConfig.onFailure` (for an alias with its name as `qualifier`, " +
    "since that of the function is not for its aliases).",
  link: "https://docs.aws.amazon.com/lambda/latest/dg/invocation-async-retain-records.html",
  severity: "high",
  types: [functionType, aliasType],
  check: (target, stack, _config, report) => {
    const caller = asynchronousCaller(target, stack);
    if (caller && !hasDestination(target, stack)) {
      report(`${target.name} is called asynchronously by ${caller}, and has no on-failure destination.`);
    }
  },
});

function hasDestination(target: StackResource, stack: readonly StackResource[]): boolean {
  const fn = target.type === aliasType ? stack.find((found) => refersTo(target, "functionName", found)) : target;
  if (!fn) return false;
  // A dead-letter queue is part of the function's versions, and so of its aliases.
  if (fn.props.has("deadLetterConfig.targetArn")) return true;
  return stack.some(
    (config) =>
      config.type === "aws:lambda/functionEventInvokeConfig:FunctionEventInvokeConfig" &&
      config.props.has("destinationConfig.onFailure.destination") &&
      refersTo(config, "functionName", fn) &&
      (target === fn ? !config.props.has("qualifier") : refersTo(config, "qualifier", target)),
  );
}

import { excusedByTag, howToTag } from "../shared/excuse";
import { resourcePolicy } from "../shared/policy";

const subjectOfReason = "reserved-concurrency";

/** One function cannot starve the others. */
export const reservedConcurrency = resourcePolicy({
  name: "reserved-concurrency",
  description: "Every function reserves its concurrency, or says why it need not.",
  why:
    "all functions of an account and region share one pool (1,000 at first, in new accounts 10): a burst of telemetry that takes it all " +
    "stops sign-in too.",
  fix: `set \`reservedConcurrentExecutions\`, ${howToTag(subjectOfReason)}.`,
  link: "https://docs.aws.amazon.com/lambda/latest/dg/configuration-concurrency.html",
  severity: "medium",
  types: ["aws:lambda/function:Function"],
  check: (subject, _config, report) => {
    const { props, name } = subject;
    if (!props.isKnown("reservedConcurrentExecutions")) return;
    // -1 is AWS's word for "none of its own".
    const reserved = (props.number("reservedConcurrentExecutions") ?? -1) >= 0;
    if (!reserved && !excusedByTag(subject, subjectOfReason))
      report(`The function ${name} reserves no concurrency and does not say why.`);
  },
});

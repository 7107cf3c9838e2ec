import { resourcePolicy } from "../shared/policy";

interface Config {
  minimumDays: number;
  maximumDays: number;
  days: number;
}

/** Logs end some day. */
export const logRetention = resourcePolicy<Config>({
  name: "log-retention",
  description: "Log groups keep their logs for a stated number of days.",
  why: "CloudWatch keeps logs for ever where nothing is said: they are paid for ever, and so is the personal data in them kept.",
  fix: "set `retentionInDays`, or set this policy to `remediate`.",
  link: "https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/Working-with-log-groups-and-streams.html#SettingLogRetention",
  severity: "medium",
  parameters: {
    minimumDays: { description: "Days at least", type: "integer", minimum: 1, default: 1 },
    maximumDays: { description: "Days at most", type: "integer", minimum: 1, default: 3653 },
    days: { description: "What `remediate` sets", type: "integer", minimum: 1, default: 30 },
  },
  types: ["aws:cloudwatch/logGroup:LogGroup"],
  check: ({ props, name }, { minimumDays, maximumDays }, report) => {
    const days = props.number("retentionInDays") ?? 0;
    if (days === 0) report(`The log group ${name} keeps its logs for ever.`);
    else if (days < minimumDays)
      report(`The log group ${name} keeps its logs for ${days} days; at least ${minimumDays} are asked for.`);
    else if (days > maximumDays)
      report(`The log group ${name} keeps its logs for ${days} days; at most ${maximumDays} are allowed.`);
  },
  remedy: (props, subject, { days }) => {
    if (subject.props.number("retentionInDays")) return false;
    props.retentionInDays = days;
    return true;
  },
});

import { resourcePolicy } from "../shared/policy";

/** Logs can be asked. */
export const lambdaJsonLogs = resourcePolicy({
  name: "lambda-json-logs",
  description: "Functions log in JSON.",
  why: "level, request id and fields of a text log cannot be filtered, counted or alarmed on without parsing each line again.",
  fix: 'set `loggingConfig: { logFormat: "JSON" }`.',
  link: "https://docs.aws.amazon.com/lambda/latest/dg/monitoring-cloudwatchlogs-logformat.html",
  severity: "low",
  types: ["aws:lambda/function:Function"],
  check: ({ props, name }, _config, report) => {
    const format = props.text("loggingConfig.logFormat") ?? "Text";
    if (format !== "JSON") report(`The function ${name} logs in the format ${format}.`);
  },
});

import { resourcePolicy } from "../shared/policy";

/** A permission is for one caller. */
export const lambdaPermissionSource = resourcePolicy({
  name: "lambda-permission-source",
  description: "Permissions to invoke a function say which rule, bucket, topic or API may use them.",
  why:
    "a service is the same in all accounts: without a source, anybody's bucket or rule can call the function (the confused " +
    "deputy).",
  fix: "set `sourceArn`, and `sourceAccount` too for S3, whose ARNs have no account.",
  link: "https://docs.aws.amazon.com/IAM/latest/UserGuide/confused-deputy.html",
  severity: "high",
  types: ["aws:lambda/permission:Permission"],
  check: ({ props, name }, _config, report) => {
    const principal = props.isKnown("principal") ? (props.text("principal") ?? "*") : "";
    if (principal === "*" ? props.has("principalOrgId") : !principal.endsWith(".amazonaws.com")) return;
    const arn = props.isKnown("sourceArn") ? props.text("sourceArn") : "known later";
    if (arn === "*" || (!arn && !props.has("sourceAccount"))) {
      report(`${name} lets ${principal === "*" ? "everybody" : `${principal} of any account`} invoke the function.`);
    } else if (principal === "s3.amazonaws.com" && !props.has("sourceAccount")) {
      report(
        `${name} does not say whose bucket may invoke the function: the name of a deleted bucket can be taken by anybody.`,
        "set `sourceAccount` beside `sourceArn`.",
      );
    }
  },
});

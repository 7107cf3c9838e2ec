import { resourcePolicy } from "../shared/policy";

/** No function answers everybody. */
export const lambdaPublicUrl = resourcePolicy({
  name: "lambda-public-url",
  description: "No function has a URL that anybody can call.",
  why: "the URL is open to the Internet past every authorizer, quota and firewall of the API, and each call is paid.",
  fix: 'set `authorizationType: "AWS_IAM"`, or put the function behind an API with an authorizer.',
  link: "https://docs.aws.amazon.com/lambda/latest/dg/urls-auth.html",
  severity: "critical",
  types: ["aws:lambda/functionUrl:FunctionUrl", "aws:lambda/permission:Permission"],
  check: ({ type, props, name }, _config, report) => {
    const property = type === "aws:lambda/permission:Permission" ? "functionUrlAuthType" : "authorizationType";
    if (props.text(property) === "NONE") report(`${name} lets everybody call the URL of a function.`);
  },
});

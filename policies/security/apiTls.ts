import { resourcePolicy } from "../shared/policy";

/** Apps speak a modern TLS to the API. */
export const apiTls = resourcePolicy({
  name: "api-tls",
  description: "Domain names of APIs take TLS 1.2 or newer.",
  why: "a domain name may take TLS 1.0 where nothing is said.",
  fix: 'set `securityPolicy: "TLS_1_2"` (or a SecurityPolicy_TLS13_... one).',
  link: "https://docs.aws.amazon.com/apigateway/latest/developerguide/apigateway-custom-domain-tls-version.html",
  severity: "high",
  types: ["aws:apigateway/domainName:DomainName", "aws:apigatewayv2/domainName:DomainName"],
  check: ({ type, props, name }, _config, report) => {
    const path = type.startsWith("aws:apigatewayv2") ? "domainNameConfiguration.securityPolicy" : "securityPolicy";
    const policy = props.text(path) ?? "TLS_1_0";
    if (!/^TLS_1_[2-9]$|^SecurityPolicy_TLS1[2-9]/.test(policy)) report(`The domain name ${name} takes ${policy}.`);
  },
});

import { resourcePolicy } from "../shared/policy";

interface Config {
  allowDefaultCertificate: boolean;
}

/** Browsers speak a modern TLS, to CloudFront and from there on. */
export const cloudfrontTls = resourcePolicy<Config>({
  name: "cloudfront-tls",
  description: "CloudFront takes HTTPS only, with TLS 1.2 or newer, from viewers and to origins.",
  why: "TLS 1.0 and 1.1 are broken and refused by every audit; plain HTTP is read and changed on the way.",
  fix:
    'set `viewerProtocolPolicy: "redirect-to-https"` on every behaviour, a certificate of your own with ' +
    '`minimumProtocolVersion: "TLSv1.2_2021"`, and `originProtocolPolicy: "https-only"` with `originSslProtocols: ["TLSv1.2"]`.',
  link: "https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/secure-connections-supported-viewer-protocols-ciphers.html",
  severity: "high",
  parameters: {
    allowDefaultCertificate: {
      description:
        "Whether a distribution may use the certificate of *.cloudfront.net, for which CloudFront fixes TLS 1.0 as the minimum",
      type: "boolean",
      default: false,
    },
  },
  types: ["aws:cloudfront/distribution:Distribution"],
  check: ({ props, name }, { allowDefaultCertificate }, report) => {
    const behaviours = [props.at("defaultCacheBehavior"), ...props.list("orderedCacheBehaviors")];
    for (const behaviour of behaviours) {
      const policy = behaviour.text("viewerProtocolPolicy");
      if (policy !== "redirect-to-https" && policy !== "https-only") {
        report(
          `${name}: \`${behaviour.name("viewerProtocolPolicy")}\` is ${policy ?? "not set"}, so viewers may use plain HTTP.`,
        );
      }
    }
    if (props.flag("viewerCertificate.cloudfrontDefaultCertificate") === true) {
      if (!allowDefaultCertificate) {
        report(
          `${name} uses the certificate of *.cloudfront.net, with which viewers may use TLS 1.0.`,
          "use a domain and a certificate of your own, or set this policy's parameter `allowDefaultCertificate`.",
        );
      }
    } else {
      const minimum = props.text("viewerCertificate.minimumProtocolVersion") ?? "TLSv1";
      if (!/^TLSv1\.[2-9]/.test(minimum)) report(`${name} lets viewers use ${minimum}.`);
    }
    for (const origin of props.list("origins").filter((found) => found.has("customOriginConfig"))) {
      const protocols = origin.texts("customOriginConfig.originSslProtocols");
      const old = protocols.filter((protocol) => !/^TLSv1\.[2-9]/.test(protocol));
      if (old.length > 0) report(`${name} speaks ${old.join(", ")} to \`${origin.name()}\`.`);
      if (origin.text("customOriginConfig.originProtocolPolicy") !== "https-only") {
        report(`${name} may speak plain HTTP to \`${origin.name()}\`.`);
      }
    }
  },
});

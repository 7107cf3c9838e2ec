import * as aws from "@pulumi/aws";
import type * as pulumi from "@pulumi/pulumi";

/**
 * What the console's page may do in the browser: run its own script, show its own style, talk to its own origin and to the
 * sign-in service, and nothing else. No inline script or style, and no text that becomes markup (Trusted Types).
 */
export function contentSecurityPolicy(cognitoEndpoint: string): string {
  return [
    "default-src 'none'",
    "script-src 'self'",
    "style-src 'self'",
    "img-src 'self'",
    `connect-src 'self' ${cognitoEndpoint}`,
    "base-uri 'none'",
    "form-action 'none'",
    "frame-ancestors 'none'",
    "require-trusted-types-for 'script'",
    "trusted-types 'none'",
  ].join("; ");
}

/** The headers that every answer of the console has. */
export function responseHeaders(
  name: string,
  cognitoEndpoint: pulumi.Output<string>,
  opts: pulumi.CustomResourceOptions,
): aws.cloudfront.ResponseHeadersPolicy {
  return new aws.cloudfront.ResponseHeadersPolicy(
    name,
    {
      comment: "Keeps browsers from doing with the console what it does not do itself",
      securityHeadersConfig: {
        contentSecurityPolicy: {
          contentSecurityPolicy: cognitoEndpoint.apply(contentSecurityPolicy),
          override: true,
        },
        contentTypeOptions: { override: true },
        frameOptions: { frameOption: "DENY", override: true },
        referrerPolicy: { referrerPolicy: "no-referrer", override: true },
        // Two years, as browsers' preload lists ask for.
        strictTransportSecurity: { accessControlMaxAgeSec: 63_072_000, includeSubdomains: true, override: true },
      },
      customHeadersConfig: {
        items: [
          { header: "Cross-Origin-Opener-Policy", value: "same-origin", override: true },
          { header: "Cross-Origin-Resource-Policy", value: "same-origin", override: true },
          {
            header: "Permissions-Policy",
            value: "camera=(), geolocation=(), microphone=(), payment=(), usb=()",
            override: true,
          },
        ],
      },
    },
    opts,
  );
}

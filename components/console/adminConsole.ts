import * as aws from "@pulumi/aws";
import * as pulumi from "@pulumi/pulumi";
import { handler } from "../../functions/consoleRequest";
import { ArgumentErrors } from "../args/argumentErrors";
import { wholeNumber } from "../args/checks";
import { ConsoleBucket } from "./consoleBucket";
import { askEachTime, consoleFiles, indexFile, siteProblem } from "./consoleFiles";
import { responseHeaders } from "./consoleHeaders";
import { ConsoleLogs } from "./consoleLogs";

export interface AdminConsoleArgs {
  /** The folder of the built page, as `npm run build:console` leaves it in `console/dist`. */
  readonly siteDirectory: string;
  /** The stage of the API that the page works with; it is served at `/api` of the page's own origin. */
  readonly api: { readonly restApiId: pulumi.Input<string>; readonly stageName: pulumi.Input<string> };
  /** Who may sign in. */
  readonly signIn: { readonly userPoolId: pulumi.Input<string>; readonly userPoolClientId: pulumi.Input<string> };
  /**
   * The name that people type, e.g. `console.example.com`. Point it at the distribution's domain name (a CNAME, or an alias in
   * Route 53).
   * @default CloudFront's own name, for which AWS fixes TLS 1.0 as the minimum: the policy `cloudfront-tls` refuses that
   */
  readonly domainName?: string;
  /** ARN of an ACM certificate for that name, in us-east-1: CloudFront takes them from nowhere else. */
  readonly certificateArn?: pulumi.Input<string>;
  /**
   * Days that access logs are kept, 1 to 3,650.
   * @default 90
   */
  readonly accessLogDays?: pulumi.Input<number>;
}

/** AWS's managed policies, whose ids are the same in every account. */
const managed = {
  /** Keeps what the origin allows to be kept, compressed; asks for the path alone. */
  cachingOptimized: "658327ea-f89d-4fab-a63d-7e88639e58f6",
  cachingDisabled: "4135ea2d-6df8-44a3-9df3-4b5a84be39ad",
  /** Hands on every header, `Authorization` among them, but `Host`: API Gateway knows itself only by its own. */
  allViewerExceptHostHeader: "b689b0a8-53d0-40ab-baf2-68738e2966ac",
} as const;

/**
 * The console for people, at one address: a single-page app in a private bucket, and the API under `/api`, behind CloudFront.
 *
 * ```ts
 * new AdminConsole("console", {
 *   siteDirectory: "console/dist",
 *   api: { restApiId: api.restApi.id, stageName: api.stage.stageName },
 *   signIn: { userPoolId: signIn.userPool.id, userPoolClientId: signIn.client.id },
 *   domainName: "console.example.com",
 *   certificateArn: "arn:aws:acm:us-east-1:123456789012:certificate/...",
 * });
 * ```
 *
 * ## Default settings
 * - Only CloudFront reads the bucket (origin access control), over TLS; browsers get HTTPS only, HTTP/2 or 3, compressed.
 * - A strict content security policy, HSTS and the other security headers on every answer, those of the API too.
 * - Files named by their content are kept by browsers for ever; index.html and config.json are asked for each time.
 * - Addresses of pages lead to index.html; errors of the API reach the page as they are. Nothing of the API is cached.
 * - Access logs as JSON in a bucket of their own.
 */
export class AdminConsole extends pulumi.ComponentResource {
  /** Holds the page's files. */
  readonly site: ConsoleBucket;
  readonly logs: ConsoleLogs;
  readonly distribution: aws.cloudfront.Distribution;
  /** Where people go: `https://console.example.com`. */
  readonly url: pulumi.Output<string>;

  constructor(name: string, args: AdminConsoleArgs, opts?: pulumi.ComponentResourceOptions) {
    super("thingstack:console:AdminConsole", name, {}, opts);
    const { accessLogDays } = checkArgs(name, args);
    const parent = { parent: this };
    const region = aws.getRegionOutput({}, parent).region;
    const cognitoEndpoint = pulumi.interpolate`https://cognito-idp.${region}.amazonaws.com`;

    const access = new aws.cloudfront.OriginAccessControl(
      `${name}-access`,
      {
        description: "CloudFront signs what it asks the bucket for",
        originAccessControlOriginType: "s3",
        signingBehavior: "always",
        signingProtocol: "sigv4",
      },
      parent,
    );
    const headers = responseHeaders(`${name}-headers`, cognitoEndpoint, parent);
    const requests = new aws.cloudfront.Function(
      `${name}-requests`,
      {
        comment: "Leads addresses of pages to index.html, and requests of the API past their prefix",
        runtime: "cloudfront-js-2.0",
        code: handler.toString(),
        publish: true,
      },
      parent,
    );
    this.site = new ConsoleBucket(`${name}-site`, {}, parent);
    this.distribution = new aws.cloudfront.Distribution(
      `${name}-distribution`,
      {
        comment: `The console ${name}`,
        enabled: true,
        isIpv6Enabled: true,
        httpVersion: "http2and3",
        defaultRootObject: indexFile,
        aliases: args.domainName === undefined ? [] : [args.domainName],
        viewerCertificate: certificateOf(args),
        restrictions: { geoRestriction: { restrictionType: "none" } },
        origins: [
          {
            originId: "site",
            domainName: this.site.bucket.bucketRegionalDomainName,
            originAccessControlId: access.id,
          },
          {
            originId: "api",
            domainName: pulumi.interpolate`${args.api.restApiId}.execute-api.${region}.amazonaws.com`,
            originPath: pulumi.interpolate`/${args.api.stageName}`,
            customOriginConfig: {
              httpPort: 80,
              httpsPort: 443,
              originProtocolPolicy: "https-only",
              originSslProtocols: ["TLSv1.2"],
            },
          },
        ],
        defaultCacheBehavior: {
          targetOriginId: "site",
          viewerProtocolPolicy: "redirect-to-https",
          allowedMethods: ["GET", "HEAD"],
          cachedMethods: ["GET", "HEAD"],
          compress: true,
          cachePolicyId: managed.cachingOptimized,
          responseHeadersPolicyId: headers.id,
          functionAssociations: [{ eventType: "viewer-request", functionArn: requests.arn }],
        },
        orderedCacheBehaviors: [
          {
            pathPattern: "/api/*",
            targetOriginId: "api",
            viewerProtocolPolicy: "https-only",
            allowedMethods: ["GET", "HEAD", "OPTIONS", "PUT", "POST", "PATCH", "DELETE"],
            cachedMethods: ["GET", "HEAD"],
            compress: true,
            cachePolicyId: managed.cachingDisabled,
            originRequestPolicyId: managed.allViewerExceptHostHeader,
            responseHeadersPolicyId: headers.id,
            functionAssociations: [{ eventType: "viewer-request", functionArn: requests.arn }],
          },
        ],
      },
      parent,
    );
    this.url = args.domainName
      ? pulumi.output(`https://${args.domainName}`)
      : pulumi.interpolate`https://${this.distribution.domainName}`;
    this.logs = new ConsoleLogs(
      `${name}-logs`,
      { distributionArn: this.distribution.arn, expireAfterDays: accessLogDays },
      parent,
    );
    this.site.allow(`${name}-site-policy`, {
      Sid: "ReadByTheDistribution",
      Effect: "Allow",
      Principal: { Service: "cloudfront.amazonaws.com" },
      Action: "s3:GetObject",
      Resource: pulumi.interpolate`${this.site.bucket.arn}/*`,
      Condition: { StringEquals: { "AWS:SourceArn": this.distribution.arn } },
    });
    this.upload(name, args, { region, cognitoEndpoint });

    this.registerOutputs({ site: this.site, logs: this.logs, distribution: this.distribution, url: this.url });
  }

  /** The page's files, and what it has to know of this stack. index.html comes last: what it names is there then. */
  private upload(name: string, args: AdminConsoleArgs, where: Pick<ConsoleConfig, "region" | "cognitoEndpoint">): void {
    const { bucket } = this.site.bucket;
    const config: ConsoleConfig = { apiUrl: "/api", ...args.signIn, ...where };
    const before: pulumi.Resource[] = [
      new aws.s3.BucketObjectv2(
        `${name}-config`,
        {
          bucket,
          key: "config.json",
          content: pulumi.jsonStringify(config),
          contentType: "application/json",
          cacheControl: askEachTime,
        },
        { parent: this },
      ),
    ];
    for (const { key, path, contentType, cacheControl } of consoleFiles(args.siteDirectory)) {
      const source = new pulumi.asset.FileAsset(path);
      const dependsOn = key === indexFile ? [...before] : [];
      before.push(
        new aws.s3.BucketObjectv2(
          `${name}-${nameOf(key)}`,
          { bucket, key, source, contentType, cacheControl },
          { parent: this, dependsOn },
        ),
      );
    }
  }
}

/** `/config.json`: what the page reads before anything else (console/src/config.ts). */
interface ConsoleConfig {
  readonly apiUrl: string;
  readonly region: pulumi.Input<string>;
  readonly userPoolId: pulumi.Input<string>;
  readonly userPoolClientId: pulumi.Input<string>;
  readonly cognitoEndpoint: pulumi.Input<string>;
}

/** A key as part of a logical name: `assets/index-B_x.js` is `assets-index-b-x-js`. */
const nameOf = (key: string) => key.toLowerCase().replace(/[^a-z0-9]+/g, "-");

function certificateOf({ domainName, certificateArn }: AdminConsoleArgs) {
  return domainName === undefined
    ? { cloudfrontDefaultCertificate: true }
    : {
        acmCertificateArn: certificateArn,
        sslSupportMethod: "sni-only",
        minimumProtocolVersion: "TLSv1.2_2021",
      };
}

function checkArgs(name: string, args: AdminConsoleArgs) {
  const errors = new ArgumentErrors(`AdminConsole ${JSON.stringify(name)}`);
  errors.check("siteDirectory", args.siteDirectory ?? "", siteProblem);
  errors.check("domainName", args.domainName, (domain) =>
    /^([a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z]{2,63}$/.test(domain)
      ? undefined
      : `must be a domain name in lower case, such as console.example.com, not ${JSON.stringify(domain)}`,
  );
  if (args.domainName !== undefined && args.certificateArn === undefined) {
    errors.add("certificateArn", "is needed with `domainName`: browsers take no other certificate for that name");
  }
  if (args.domainName === undefined && args.certificateArn !== undefined) {
    errors.add("domainName", "is needed with `certificateArn`: the name that the certificate is for");
  }
  errors.input("certificateArn", args.certificateArn, undefined as never, (arn) =>
    arn === undefined || /^arn:aws:acm:us-east-1:\d{12}:certificate\/.+$/.test(arn)
      ? undefined
      : `must be the ARN of a certificate in us-east-1, the only region that CloudFront takes them from, not ${JSON.stringify(arn)}`,
  );
  const checked = {
    accessLogDays: errors.input("accessLogDays", args.accessLogDays, 90, wholeNumber(1, 3650, "days")),
  };
  errors.throwIfAny();
  return checked;
}

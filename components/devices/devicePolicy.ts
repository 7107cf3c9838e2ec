import * as aws from "@pulumi/aws";
import * as pulumi from "@pulumi/pulumi";
import { ArgumentErrors } from "../args/argumentErrors";
import { shadowName } from "../args/checks";

export interface DevicePolicyArgs {
  /**
   * Named shadows that devices may use, beside the classic one. 1 to 64 characters each; AWS IoT's limit on the length of
   * a policy leaves room for one or two.
   * @default none
   */
  readonly namedShadows?: readonly string[];
  /**
   * Named shadows that devices may read and not write, such as `apps`, in which the cloud writes what they run.
   * @default none
   */
  readonly readOnlyShadows?: readonly string[];
}

/** Stands for the thing that is connected; AWS resolves it only if the client id is the thing's name. */
const thing = "${iot:Connection.Thing.ThingName}";

/**
 * What a device may do, by thing policy variables, so that one policy serves every device and none reaches another's
 * topics, shadow or jobs:
 *
 * - connect as itself, with a certificate that is attached to its thing;
 * - get and update its own shadows and hear the answers and deltas;
 * - take and report its own jobs;
 * - publish its telemetry (`my/things/<its name>/state`) and its log (`.../log`), and hear its commands
 *   (`.../commands/<any>`).
 */
export class DevicePolicy extends pulumi.ComponentResource {
  readonly policy: aws.iot.Policy;

  constructor(name: string, args: DevicePolicyArgs = {}, opts?: pulumi.ComponentResourceOptions) {
    super("thingstack:iot:DevicePolicy", name, {}, opts);
    checkArgs(name, args);
    const parent = { parent: this };

    const prefix = pulumi
      .all([
        aws.getPartitionOutput({}, parent).partition,
        aws.getRegionOutput({}, parent).region,
        aws.getCallerIdentityOutput({}, parent).accountId,
      ])
      .apply(([partition, region, account]) => `arn:${partition}:iot:${region}:${account}`);
    this.policy = new aws.iot.Policy(
      `${name}-policy`,
      { policy: prefix.apply((arn) => JSON.stringify(devicePolicyDocument(arn, args))) },
      parent,
    );

    this.registerOutputs({ policy: this.policy });
  }
}

/** AWS IoT takes no longer policy document. {@link https://docs.aws.amazon.com/general/latest/gr/iot-core.html} */
const maximumLength = 2048;

/**
 * The policy document, for ARNs that start with `arn:<partition>:iot:<region>:<account>`.
 *
 * It has to be short, so it is exact where it matters (what a device publishes and subscribes to) and one line for what it
 * may receive: nothing arrives that it did not subscribe to. Of the reserved job topics, AWS takes only the requests.
 */
export function devicePolicyDocument(arn: string, { namedShadows = [], readOnlyShadows = [] }: DevicePolicyArgs) {
  const own = `$aws/things/${thing}`;
  const mine = `my/things/${thing}`;
  const shadows = (names: readonly string[]) => names.map((name) => `${own}/shadow/name/${name}`);
  const named = shadows(namedShadows);
  const readOnly = shadows(readOnlyShadows);
  const allow = (action: string, kind: string, names: readonly string[]) => ({
    Effect: "Allow",
    Action: `iot:${action}`,
    Resource: names.map((name) => `${arn}:${kind}/${name}`),
  });
  return {
    Version: "2012-10-17",
    Statement: [
      {
        ...allow("Connect", "client", [thing]),
        Condition: { Bool: { "iot:Connection.Thing.IsAttached": "true" } },
      },
      allow("Publish", "topic", [
        ...[`${own}/shadow`, ...named].flatMap((shadow) => [`${shadow}/get`, `${shadow}/update`]),
        ...readOnly.map((shadow) => `${shadow}/get`),
        `${own}/jobs/*`,
        `${mine}/state`,
        `${mine}/log`,
      ]),
      allow("Subscribe", "topicfilter", [
        `${own}/shadow/get/*`,
        `${own}/shadow/update/*`,
        ...[...named, ...readOnly].map((shadow) => `${shadow}/*`),
        `${own}/jobs/*`,
        `${mine}/commands/*`,
      ]),
      allow("Receive", "topic", [`${own}/*`, `${mine}/commands/*`]),
    ],
  };
}

function checkArgs(name: string, args: DevicePolicyArgs): void {
  const errors = new ArgumentErrors(`DevicePolicy ${JSON.stringify(name)}`);
  for (const property of ["namedShadows", "readOnlyShadows"] as const) {
    for (const [at, shadow] of (args[property] ?? []).entries()) errors.check(`${property}[${at}]`, shadow, shadowName);
  }
  for (const [at, shadow] of (args.readOnlyShadows ?? []).entries()) {
    if (args.namedShadows?.includes(shadow))
      errors.add(`readOnlyShadows[${at}]`, "is among namedShadows, which devices write");
  }
  const { length } = JSON.stringify(devicePolicyDocument("arn:aws-us-gov:iot:ap-southeast-1:123456789012", args));
  if (length > maximumLength) {
    errors.add(
      args.namedShadows?.length ? "namedShadows" : "readOnlyShadows",
      `make the policy ${length} characters long; AWS IoT takes ${maximumLength}. Name fewer here`,
    );
  }
  errors.throwIfAny();
}

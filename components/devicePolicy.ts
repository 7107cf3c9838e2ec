import * as aws from "@pulumi/aws";
import * as pulumi from "@pulumi/pulumi";
import { ArgumentErrors } from "./argumentErrors";
import { shadowName } from "./checks";

export interface DevicePolicyArgs {
  /**
   * Named shadows that devices may use, beside the classic one. 1 to 64 characters each.
   * @default none
   */
  readonly namedShadows?: readonly string[];
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
    const errors = new ArgumentErrors(`DevicePolicy ${JSON.stringify(name)}`);
    for (const [at, shadow] of (args.namedShadows ?? []).entries()) {
      errors.check(`namedShadows[${at}]`, shadow, shadowName);
    }
    errors.throwIfAny();
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
      { policy: prefix.apply((arn) => JSON.stringify(devicePolicyDocument(arn, args.namedShadows ?? []))) },
      parent,
    );

    this.registerOutputs({ policy: this.policy });
  }
}

/** The policy document, for ARNs that start with `arn:<partition>:iot:<region>:<account>`. */
export function devicePolicyDocument(arn: string, namedShadows: readonly string[]) {
  const shadows = ["shadow", ...namedShadows.map((name) => `shadow/name/${name}`)].map(
    (shadow) => `$aws/things/${thing}/${shadow}`,
  );
  const jobs = `$aws/things/${thing}/jobs`;
  const own = `my/things/${thing}`;

  const published = [
    ...shadows.flatMap((shadow) => [`${shadow}/get`, `${shadow}/update`]),
    `${jobs}/get`,
    `${jobs}/start-next`,
    `${jobs}/*/get`,
    `${jobs}/*/update`,
    `${own}/state`,
    `${own}/log`,
  ];
  const heard = [
    ...shadows.flatMap((shadow) => [`${shadow}/get/*`, `${shadow}/update/*`]),
    `${jobs}/*`,
    `${own}/commands/*`,
  ];
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
      allow("Publish", "topic", published),
      allow("Subscribe", "topicfilter", heard),
      allow("Receive", "topic", heard),
    ],
  };
}

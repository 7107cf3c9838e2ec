import * as aws from "@pulumi/aws";
import * as pulumi from "@pulumi/pulumi";
import { versionProblem } from "../../functions/firmware/builds";
import { ArgumentErrors } from "../args/argumentErrors";
import { thingName } from "../args/checks";
import type { FirmwareRollout } from "../firmware/firmwareRollout";
import { DevicePolicy } from "./devicePolicy";

export interface ShadowDeviceArgs {
  /**
   * The thing's name, which is also the device's MQTT client id: letters, digits, `:`, `_`, `-`, at most 128.
   * @default the component's name
   */
  readonly thingName?: string;
  /** The name of an `aws.iot.ThingType`. A thing with a type may have up to 50 attributes, without one 3. */
  readonly thingTypeName?: pulumi.Input<string>;
  /**
   * Attributes of the thing in the registry, e.g. `{ model: "x2" }`. With `apps` they are only set when the thing is made:
   * releases add `app_version` and `app_build`, and an update would take them away.
   */
  readonly attributes?: pulumi.Input<Record<string, pulumi.Input<string>>>;
  /**
   * A certificate signing request in PEM, made where the private key lives: the key never leaves the device.
   * @default AWS makes the key pair, and {@link ShadowDevice.privateKey} hands it out, once, as a secret
   */
  readonly csr?: pulumi.Input<string>;
  /**
   * The policy of the device, shared by as many devices as you like.
   * @default a policy of its own, without named shadows
   */
  readonly policy?: DevicePolicy;
  /**
   * The versions that the device is delivered with, by app: `{ cooler: "1.0" }`. From then on releases of {@link firmware} say
   * what it has; so a later change of these here changes nothing that a release brought.
   * @default unknown until the device first speaks of an app; then the next release reaches it
   */
  readonly apps?: Readonly<Record<string, string>>;
  /** The rollout that releases these apps. */
  readonly firmware?: FirmwareRollout;
}

/**
 * A device with a shadow: a thing, its certificate, and the least policy it can live with. The device connects over mTLS
 * with its thing name as client id; an app sets `desired` through the AWS IoT API, the device gets the `delta`, acts, and
 * reports.
 *
 * ```ts
 * const device = new ShadowDevice("cooler-17", { attributes: { model: "x2" }, csr });
 * export const certificate = device.certificatePem;
 * ```
 */
export class ShadowDevice extends pulumi.ComponentResource {
  readonly thing: aws.iot.Thing;
  readonly certificate: aws.iot.Certificate;
  readonly policy: DevicePolicy;
  /** The device's certificate in PEM. */
  readonly certificatePem: pulumi.Output<string>;
  /** The private key in PEM, a secret; undefined when the certificate came from a CSR. */
  readonly privateKey: pulumi.Output<string> | undefined;

  constructor(name: string, args: ShadowDeviceArgs = {}, opts?: pulumi.ComponentResourceOptions) {
    super("thingstack:iot:ShadowDevice", name, {}, opts);
    const thing = args.thingName ?? name;
    checkArgs(name, thing, args);
    const parent = { parent: this };

    this.thing = new aws.iot.Thing(
      `${name}-thing`,
      { name: thing, thingTypeName: args.thingTypeName, attributes: args.attributes },
      { parent: this, ignoreChanges: args.apps ? ["attributes"] : [] },
    );
    if (args.apps) args.firmware?.versions.recordFirst(name, this.thing.name, args.apps, parent);
    this.certificate = new aws.iot.Certificate(
      `${name}-certificate`,
      { active: true, csr: args.csr },
      { parent: this, additionalSecretOutputs: ["privateKey", "publicKey", "certificatePem"] },
    );
    this.policy = args.policy ?? new DevicePolicy(name, {}, parent);
    new aws.iot.PolicyAttachment(
      `${name}-policy-attachment`,
      { policy: this.policy.policy.name, target: this.certificate.arn },
      parent,
    );
    new aws.iot.ThingPrincipalAttachment(
      `${name}-thing-attachment`,
      { thing: this.thing.name, principal: this.certificate.arn },
      parent,
    );

    this.certificatePem = pulumi.secret(this.certificate.certificatePem);
    this.privateKey = args.csr === undefined ? pulumi.secret(this.certificate.privateKey) : undefined;
    this.registerOutputs({
      thing: this.thing,
      certificate: this.certificate,
      policy: this.policy,
      certificatePem: this.certificatePem,
      privateKey: this.privateKey,
    });
  }
}

function checkArgs(name: string, thing: string, args: ShadowDeviceArgs): void {
  const errors = new ArgumentErrors(`ShadowDevice ${JSON.stringify(name)}`);
  errors.check("thingName", thing, thingName);
  errors.input("csr", args.csr, "-----BEGIN CERTIFICATE REQUEST-----", (csr) =>
    typeof csr === "string" && /^-----BEGIN (NEW )?CERTIFICATE REQUEST-----/.test(csr.trim())
      ? undefined
      : 'must be a certificate signing request in PEM ("-----BEGIN CERTIFICATE REQUEST-----")',
  );
  if (args.apps && !args.firmware) {
    errors.add(
      "firmware",
      "must be the FirmwareRollout that releases the apps; without it nobody records their versions",
    );
  }
  for (const [app, version] of Object.entries(args.apps ?? {})) {
    const known = args.firmware?.apps ?? [app];
    if (!known.includes(app)) errors.add(`apps.${app}`, `is not known; the rollout has ${known.join(", ")}`);
    errors.check(`apps.${app}`, version, versionProblem);
  }
  errors.throwIfAny();
}

import { type InvokeTransform, type Output, output, type ResourceTransform, runtime, secret } from "@pulumi/pulumi";
import type { Properties } from "./handler";
import { isSecret } from "./secrets";

interface Registered {
  readonly parent: string;
  readonly transforms: readonly ResourceTransform[];
}

/**
 * Runs the transforms of a program, which Pulumi's mocks collect and never call: a resource's own first, then those of its
 * parents, then those of the stack. Options that a transform changes have no meaning on the local cloud.
 */
export class Transforms {
  private readonly registered = new Map<string, Registered>();
  private readonly ofStack: ResourceTransform[] = [];
  private readonly ofInvokes: InvokeTransform[] = [];

  addToStack(transform: ResourceTransform): void {
    this.ofStack.push(transform);
  }

  addToInvokes(transform: InvokeTransform): void {
    this.ofInvokes.push(transform);
  }

  /** The inputs of a resource after all transforms that concern it; secrets as Pulumi's wire has them. */
  async apply(
    resource: { urn: string; parent: string; custom: boolean; type: string; name: string; inputs: Properties },
    own: readonly ResourceTransform[] = [],
  ): Promise<Properties> {
    const { urn, parent, custom, type, name } = resource;
    this.registered.set(urn, { parent, transforms: own });
    let { inputs } = resource;
    for (const transform of this.concerning(urn)) {
      const result = await transform({ custom, type, name, props: asOutputs(inputs) as Properties, opts: {} });
      if (result) inputs = await resolved(result.props);
    }
    return inputs;
  }

  /** The arguments of an invoke after all transforms. */
  async applyToInvoke(token: string, args: Properties): Promise<Properties> {
    let changed = args;
    for (const transform of this.ofInvokes) {
      const result = await transform({ token, args: changed, opts: {} });
      if (result) changed = await resolved(result.args);
    }
    return changed;
  }

  private concerning(urn: string): ResourceTransform[] {
    const found: ResourceTransform[] = [];
    for (let at = this.registered.get(urn); at !== undefined; at = this.registered.get(at.parent)) {
      found.push(...at.transforms);
    }
    return [...found, ...this.ofStack];
  }
}

/** Secrets as transforms get them: as secret outputs. */
function asOutputs(value: unknown): unknown {
  if (isSecret(value)) return secret(value.value);
  if (Array.isArray(value)) return value.map(asOutputs);
  if (typeof value !== "object" || value === null || Object.getPrototypeOf(value) !== Object.prototype) return value;
  return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, asOutputs(inner)]));
}

async function resolved(properties: Properties): Promise<Properties> {
  const result: Properties = {};
  for (const [key, value] of Object.entries(properties)) {
    const settled = output(value) as Output<unknown> & { promise(): Promise<unknown>; isSecret: Promise<boolean> };
    const plain = await settled.promise();
    result[key] = (await settled.isSecret)
      ? { [runtime.specialSigKey]: runtime.specialSecretSig, value: plain }
      : plain;
  }
  return result;
}

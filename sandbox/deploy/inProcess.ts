import { performance } from "node:perf_hooks";
import { output, runtime, secret } from "@pulumi/pulumi";
import limit from "p-limit";
import type { AwsTarget } from "../aws";
import { changeResource } from "./change";
import type { Context } from "./context";
import type { Properties } from "./handler";
import { invoke } from "./invokes";
import { createResource, deleteResource, type Resource, type ResourceRequest, readResource } from "./lifecycle";
import { currentRegistration, giveUpRun, observeRegistrations } from "./monitor";
import { loadProgram, type Program } from "./program";
import { ProviderContexts } from "./providers";
import { findHandler } from "./registry";
import { secretKeys, unwrap } from "./secrets";
import { Transforms } from "./transforms";

/** How many resources are made at the same time: MiniStack is one process, more only queue in it. */
const CONCURRENCY = 16;

export interface DeployOptions {
  /** The program, or the path of its entry, as `main` of Pulumi.yaml names it. */
  readonly program: Program | string;
  readonly project: string;
  readonly stack: string;
  /** Default: `organization`, as with every backend but Pulumi Cloud. */
  readonly organization?: string;
  /** `aws:region`, `thingstack:devices` ... -> value; what is not text is JSON, as in `pulumi config`. */
  readonly config?: Readonly<Record<string, string>>;
  readonly secretConfig?: Readonly<Record<string, string>>;
  readonly cloud: AwsTarget;
  /** The `state` of an earlier deployment, to change what it made. Default: everything is made anew. */
  readonly previous?: ReadonlyMap<string, Resource>;
  /** Called as each resource is made. */
  readonly onEvent?: (resource: DeployedResource) => void;
}

export interface DeployedResource {
  readonly urn: string;
  readonly type: string;
  readonly name: string;
  readonly id: string;
  /** False for a type that is only recorded; `recordedTypes` says why. */
  readonly played: boolean;
  readonly seconds: number;
}

export interface Deployment {
  /** The stack's outputs, as `pulumi stack output` has them. */
  readonly outputs: Readonly<Record<string, { readonly value: unknown; readonly secret: boolean }>>;
  /** In the order they were made; components and providers are not among them. */
  readonly resources: readonly DeployedResource[];
  /** What is known of each resource, by URN; secrets in clear text. */
  readonly state: ReadonlyMap<string, Resource>;
  /** Takes everything away again, the last first. */
  destroy(): Promise<void>;
}

let busy = false;

/**
 * Runs a Pulumi program without the engine and applies every resource it registers to the local cloud.
 *
 * The first failure ends it: nothing more is begun, and what was under way is awaited before the error is thrown.
 * What was made until then stays; a local cloud is new with each run.
 * @throws ResourceError naming the resource; or what the program threw
 */
export async function deploy(options: DeployOptions): Promise<Deployment> {
  if (busy) throw new Error("a deployment is under way in this process, and Pulumi's SDK serves one at a time");
  busy = true;
  const run = new Run(options);
  const reject = (reason: unknown) => run.fail(reason);
  process.on("unhandledRejection", reject);
  try {
    return await run.finish();
  } finally {
    process.off("unhandledRejection", reject);
    busy = false;
  }
}

class Run {
  private readonly slots = limit(CONCURRENCY);
  private readonly underWay = new Set<Promise<unknown>>();
  private readonly made: (Resource & { readonly seconds: number; readonly ctx: Context })[] = [];
  private readonly urns = new Set<string>();
  private readonly replaced: { readonly resource: Resource; readonly ctx: Context }[] = [];
  private readonly providers: ProviderContexts;
  private readonly transforms = new Transforms();
  private failure: { readonly error: unknown } | undefined;
  private stop!: () => void;
  private readonly stopped = new Promise<void>((resolve) => {
    this.stop = resolve;
  });

  constructor(private readonly options: DeployOptions) {
    this.providers = new ProviderContexts(options.cloud, { ...options.config, ...options.secretConfig });
  }

  async finish(): Promise<Deployment> {
    const { project, stack, organization = "organization", config, secretConfig = {} } = this.options;
    await runtime.setMocks(
      {
        newResource: (args) => this.register(args),
        call: (args) => this.invoke(args),
        registerTransform: (transform) => this.transforms.addToStack(transform),
        registerInvokeTransform: (transform) => this.transforms.addToInvokes(transform),
      },
      project,
      stack,
      false,
      organization,
    );
    observeRegistrations(project, stack);
    runtime.setAllConfig({ ...config, ...secretConfig }, Object.keys(secretConfig));
    const outputs = await Promise.race([this.runProgram(), this.stopped]);
    await Promise.allSettled(this.underWay);
    // What was thrown in an apply that nobody awaits is told at the end of this turn.
    await new Promise((resolve) => setImmediate(resolve));
    if (this.failure || !outputs) throw this.failure?.error;
    return {
      outputs,
      resources: this.made.map(summary),
      state: new Map(this.made.map((resource) => [resource.urn, resource])),
      destroy: () => this.destroy(),
    };
  }

  /** The first failure counts; those that follow from it would only hide it. */
  fail(error: unknown): void {
    this.failure ??= { error };
    giveUpRun();
    this.stop();
  }

  private async runProgram(): Promise<Deployment["outputs"] | undefined> {
    try {
      const outputs: Record<string, { value: unknown; secret: boolean }> = {};
      await runtime.runInPulumiStack(async () => {
        const returned = (await loadProgram(this.options.program)()) ?? {};
        for (const [key, value] of Object.entries(returned)) {
          const resolved = output(value) as unknown as { promise(): Promise<unknown>; isSecret: Promise<boolean> };
          const plain = await resolved.promise();
          if (plain !== undefined) outputs[key] = { value: plain, secret: await resolved.isSecret };
        }
        return returned;
      });
      // The program's last line has run; its last resources may not be registered yet.
      await runtime.disconnect();
      await Promise.all(this.made.map(({ settled }) => settled));
      if (!this.failure) await this.clearAway();
      return outputs;
    } catch (error) {
      this.fail(error);
      return undefined;
    }
  }

  private async register(args: runtime.MockResourceArgs): Promise<runtime.MockResourceResult> {
    const { urn, parent, custom, additionalSecretOutputs, ignoreChanges } = currentRegistration();
    const { type, name } = args;
    if (this.failure) return never();
    try {
      if (this.urns.has(urn)) throw new Error(`two resources have the same name and type: ${urn}`);
      this.urns.add(urn);
      const wire = await this.transforms.apply(
        { urn, parent, custom, type, name, inputs: args.inputs },
        args.transforms,
      );
      const inputs = unwrap(wire) as Properties;
      if (!custom) return { id: undefined, state: wire };
      if (type.startsWith("pulumi:providers:")) {
        return { id: this.providers.add(urn, type, inputs), state: wire };
      }
      const ctx = this.providers.of(args.provider, inputs.region);
      const resource = await this.apply({ urn, type, name, inputs, id: args.id || undefined }, ignoreChanges, ctx);
      const secrets = new Set([
        ...secretKeys(wire),
        ...additionalSecretOutputs,
        ...(findHandler(type)?.secretOutputs ?? []),
      ]);
      const state = Object.fromEntries(
        Object.entries(resource.outputs).map(([key, value]) => [key, secrets.has(key) ? secret(value) : value]),
      );
      return { id: resource.id, state };
    } catch (error) {
      this.fail(error);
      // Neither a result nor an error for Pulumi: what waits for this resource is simply not run any more.
      return never();
    }
  }

  private async apply(
    request: { urn: string; type: string; name: string; inputs: Properties; id: string | undefined },
    ignoreChanges: readonly string[],
    ctx: Context,
  ): Promise<Resource> {
    const work = this.slots(async () => {
      if (this.failure) throw this.failure.error;
      const begin = performance.now();
      const { id, ...rest } = request;
      // With an id the resource exists already: `Queue.get(...)`, or `import`.
      const resource = id ? await readResource({ ...rest, id }, ctx) : await this.bring(rest, ignoreChanges, ctx);
      if (!resource) throw new Error(`there is no ${request.type} with the id ${id} on the local cloud`);
      const entry = { ...resource, seconds: (performance.now() - begin) / 1000, ctx };
      if (!id) this.made.push(entry);
      resource.settled?.catch((error) => this.fail(error));
      this.options.onEvent?.(summary(entry));
      return resource;
    });
    this.underWay.add(work);
    try {
      return await work;
    } finally {
      this.underWay.delete(work);
    }
  }

  private async bring(request: ResourceRequest, ignoreChanges: readonly string[], ctx: Context): Promise<Resource> {
    const old = this.options.previous?.get(request.urn);
    if (!old) return createResource(request, ctx);
    const { resource, replaced } = await changeResource(old, request, ignoreChanges, ctx);
    if (replaced) this.replaced.push({ resource: replaced, ctx });
    return resource;
  }

  /** What was replaced, and what the program does not have any more, the last first. */
  private async clearAway(): Promise<void> {
    for (const { resource, ctx } of this.replaced.reverse()) await deleteResource(resource, ctx);
    const vanished = [...(this.options.previous?.values() ?? [])].filter(({ urn }) => !this.urns.has(urn));
    for (const resource of vanished.reverse()) {
      await deleteResource(resource, this.providers.of("", resource.outputs.region));
    }
  }

  private async invoke({ token, inputs, provider }: runtime.MockCallArgs): Promise<Properties> {
    try {
      const args = await this.transforms.applyToInvoke(token, unwrap(inputs) as Properties);
      return await invoke(token, args, this.providers.of(provider, args.region));
    } catch (error) {
      // Pulumi reads `details` of a failed call, as of any gRPC error; the program may catch it.
      const message = error instanceof Error ? error.message : String(error);
      throw Object.assign(new Error(message), { details: message });
    }
  }

  private async destroy(): Promise<void> {
    for (const { ctx, ...resource } of [...this.made].reverse()) await deleteResource(resource, ctx);
    this.made.length = 0;
  }
}

function summary({ urn, type, name, id, played, seconds }: DeployedResource): DeployedResource {
  return { urn, type, name, id, played, seconds };
}

const never = <T>() => new Promise<T>(() => {});

import type { Context } from "./context";
import { ResourceError } from "./errors";
import type { Properties, ResourceHandler } from "./handler";
import { withName } from "./names";
import { findHandler } from "./registry";
import { stillHolds } from "./stillHolds";
import { ownTags } from "./tags";
import { watchInputs } from "./watchedInputs";

/** A resource of the program, on its way to the local cloud. */
export interface ResourceRequest {
  readonly urn: string;
  readonly type: string;
  readonly name: string;
  readonly inputs: Properties;
}

/** A resource as the local cloud has it. */
export interface Resource extends ResourceRequest {
  readonly id: string;
  /** The inputs with the generated name. */
  readonly inputs: Properties;
  readonly outputs: Properties;
  /** False for a type that is only recorded. */
  readonly played: boolean;
  /** Rejects with a ResourceError when the resource fails after it was made; absent when it is ready. */
  readonly settled?: Promise<void>;
}

/** Inputs that Pulumi and its AWS provider handle, and no handler needs to see. */
const providerInputs = /^(tags|tagsAll|region|\w*[nN]amePrefix|bucketPrefix)$/;

/**
 * Fills in what the provider decides before anything is made: the name.
 *
 * @param olds inputs of the resource as it is; a name that was generated for it is kept
 */
export function checkInputs(type: string, name: string, inputs: Properties, olds?: Properties): Properties {
  return withName(findHandler(type)?.autoName, name, withoutNulls(inputs) as Properties, olds);
}

/**
 * Makes a resource, and reads it back.
 *
 * @throws ResourceError; one that could be made only in part is taken away again
 */
export async function createResource(request: ResourceRequest, ctx: Context): Promise<Resource> {
  const { type, name, urn } = request;
  try {
    const handler = findHandler(type);
    const inputs = checkInputs(type, name, request.inputs);
    if (!handler)
      return { ...request, inputs, id: name, outputs: recordedOutputs(type, name, inputs, ctx), played: false };
    const { watched, unread } = watchInputs(inputs);
    const made = await handler.create(withTags(handler, watched, inputs, ctx), ctx, { urn, name });
    const { id, outputs: once, finish, settled: settling } = typeof made === "string" ? { id: made } : made;
    const settled = settling?.catch((error) => {
      throw new ResourceError(type, name, "create", error);
    });
    settled?.catch(() => undefined); // whoever waits for it does so later
    const state = { ...inputs, ...once };
    try {
      await finish?.();
      refuseIgnored(unread().filter((path) => !isExempt(handler, path)));
      const outputs = await readOutputs(handler, id, state, inputs, ctx);
      if (!outputs) throw new Error("AWS made it, and does not know it when asked for it");
      return { ...request, inputs, id, outputs, played: true, settled };
    } catch (error) {
      // What cannot be taken away either is of less interest than why.
      await handler.delete(id, state, ctx).catch(() => undefined);
      throw error;
    }
  } catch (error) {
    throw new ResourceError(type, name, "create", error, request.inputs);
  }
}

/** A recorded resource has the name and ARN that others may refer to, though nothing is there. */
function recordedOutputs(type: string, name: string, inputs: Properties, ctx: Context): Properties {
  const [, service = "", resource = ""] = /^aws:(\w+)\/(\w+):/.exec(type) ?? [];
  return { name, arn: `arn:aws:${service}:${ctx.region}:${ctx.accountId}:${resource}/${name}`, ...inputs };
}

function refuseIgnored(paths: readonly string[]): void {
  if (paths.length === 0) return;
  throw new Error(
    `the local handler does not apply ${paths.map((path) => `\`${path}\``).join(", ")}; ` +
      "teach it to in sandbox/deploy/handlers, or leave the property out",
  );
}

/** The resource as it is now, drift in its inputs too; undefined when it is gone. */
export async function readResource(
  request: ResourceRequest & { readonly id: string; readonly outputs?: Properties },
  ctx: Context,
): Promise<Resource | undefined> {
  const { type, name, id, inputs } = request;
  try {
    const handler = findHandler(type);
    if (!handler) return { ...request, outputs: request.outputs ?? inputs, played: false };
    const outputs = await readOutputs(handler, id, { ...inputs, ...request.outputs }, inputs, ctx);
    if (!outputs) return undefined;
    const drifted = driftedInputs(inputs, outputs);
    const { content } = handler;
    if (content && request.outputs && request.outputs[content.hash] !== outputs[content.hash]) {
      // It has other content now; without the input, the next update sees a change.
      for (const property of content.inputs) delete drifted[property];
    }
    return { ...request, inputs: drifted, outputs, played: true };
  } catch (error) {
    throw new ResourceError(type, name, "read", error);
  }
}

/** Changes a resource in place; `news` are checked inputs (see `checkInputs`). */
export async function updateResource(old: Resource, news: Properties, ctx: Context): Promise<Resource> {
  const { type, name, id } = old;
  try {
    const handler = findHandler(type);
    if (!handler) return { ...old, inputs: news, outputs: recordedOutputs(type, name, news, ctx) };
    if (!handler.update) throw new Error("this type cannot be changed, only replaced");
    // What an input once said stays in the state; what it no longer says must not be read as if it did.
    const olds = { ...old.outputs, ...old.inputs, tagsAll: old.outputs.tagsAll };
    await handler.update(id, withTags(handler, news, news, ctx), olds, ctx);
    const outputs = await readOutputs(handler, id, { ...secretsOf(handler, old.outputs), ...news }, news, ctx);
    if (!outputs) throw new Error("it is gone");
    return { ...old, inputs: news, outputs };
  } catch (error) {
    throw new ResourceError(type, name, "update", error, news);
  }
}

/** Takes a resource away; one that is gone already is fine. */
export async function deleteResource(resource: Resource, ctx: Context): Promise<void> {
  const { type, name, id, inputs, outputs } = resource;
  try {
    await findHandler(type)?.delete(id, { ...inputs, ...outputs }, ctx);
  } catch (error) {
    throw new ResourceError(type, name, "delete", error);
  }
}

async function readOutputs(
  handler: ResourceHandler,
  id: string,
  state: Properties,
  inputs: Properties,
  ctx: Context,
): Promise<Properties | undefined> {
  const found = await handler.read(id, state, ctx);
  if (!found) return undefined;
  const outputs: Properties = { region: ctx.region, ...state };
  for (const [key, value] of Object.entries(found)) {
    if (key in inputs && stillHolds(inputs[key], value, key)) outputs[key] = inputs[key];
    else outputs[key] = withoutNulls(value);
    // Said to be unset, which is not the same as not said.
    if (outputs[key] === undefined || outputs[key] === null) delete outputs[key];
  }
  if (handler.tagged) {
    const all = (found.tagsAll ?? { ...ctx.defaultTags, ...(inputs.tags as object) }) as Record<string, string>;
    const declared = inputs.tags as Record<string, string> | undefined;
    const tags = ownTags(all, ctx.defaultTags, declared);
    outputs.tagsAll = all;
    if (declared !== undefined || Object.keys(tags).length > 0) outputs.tags = tags;
    else delete outputs.tags;
  }
  return outputs;
}

/** The inputs that would have made the resource what it is now. */
function driftedInputs(inputs: Properties, outputs: Properties): Properties {
  const entries = Object.keys(inputs).map((key) => [key, outputs[key]] as const);
  return Object.fromEntries(entries.filter(([, value]) => value !== undefined));
}

/** What only the creation told (a private key) outlives an update. */
function secretsOf(handler: ResourceHandler, outputs: Properties): Properties {
  return Object.fromEntries((handler.secretOutputs ?? []).map((key) => [key, outputs[key]]));
}

function withTags(handler: ResourceHandler, inputs: Properties, plain: Properties, ctx: Context): Properties {
  if (!handler.tagged) return inputs;
  const tagsAll = { ...ctx.defaultTags, ...(plain.tags as Record<string, string> | undefined) };
  return new Proxy(inputs, {
    get: (target, key, receiver) => (key === "tagsAll" ? tagsAll : Reflect.get(target, key, receiver)),
  });
}

function isExempt(handler: ResourceHandler, path: string): boolean {
  const property = path.split(/[.[]/, 1)[0]!;
  return providerInputs.test(property) || (handler.notAtCreate?.includes(property) ?? false);
}

/** To Pulumi, null and undefined inside an object both mean that nothing was said. */
function withoutNulls(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(withoutNulls);
  if (typeof value !== "object" || value === null || Object.getPrototypeOf(value) !== Object.prototype) return value;
  return Object.fromEntries(
    Object.entries(value)
      .filter(([, inner]) => inner !== null && inner !== undefined)
      .map(([key, inner]) => [key, withoutNulls(inner)]),
  );
}

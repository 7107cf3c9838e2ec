import { diffInputs } from "../provider/diff";
import type { Context } from "./context";
import type { Properties } from "./handler";
import {
  checkInputs,
  createResource,
  deleteResource,
  type Resource,
  type ResourceRequest,
  updateResource,
} from "./lifecycle";
import { findHandler } from "./registry";

export interface Change {
  readonly resource: Resource;
  /** The one that was replaced, when it is still there: it goes once nothing refers to it any more. */
  readonly replaced?: Resource;
}

/**
 * Brings a resource from what an earlier deployment made of it to what the program says now: it stays, changes in place,
 * or is replaced, as with the engine.
 * @param ignoreChanges inputs that keep the value they have
 */
export async function changeResource(
  old: Resource,
  request: ResourceRequest,
  ignoreChanges: readonly string[],
  ctx: Context,
): Promise<Change> {
  const { type, name } = request;
  const handler = findHandler(type);
  const inputs = { ...request.inputs };
  for (const property of ignoreChanges) {
    if (old.inputs[property] === undefined) delete inputs[property];
    else inputs[property] = old.inputs[property];
  }
  const news = checkInputs(type, name, inputs, old.inputs);
  const content = handler?.content?.inputs ?? [];
  const changed = [...new Set(changedProperties(old.inputs, news, content))];
  const fixed = (property: string) => handler && (!handler.update || handler.replaceOn?.includes(property));
  if (!changed.some(fixed)) {
    // What AWS does not give back is compared by the handler, with the hash that it knows.
    if (changed.length === 0 && content.length === 0) return { resource: old };
    return { resource: await updateResource(old, news, ctx) };
  }
  const named = handler?.autoName?.property;
  const sameName = named !== undefined && inputs[named] !== undefined && inputs[named] === old.inputs[named];
  if (handler?.deleteBeforeReplace || sameName) {
    await deleteResource(old, ctx);
    return { resource: await createResource({ ...request, inputs }, ctx) };
  }
  return { resource: await createResource({ ...request, inputs }, ctx), replaced: old };
}

function changedProperties(olds: Properties, news: Properties, content: readonly string[]): string[] {
  const without = (properties: Properties) =>
    Object.fromEntries(Object.entries(properties).filter(([key]) => !content.includes(key)));
  return diffInputs(without(olds), without(news)).map(({ property }) => property);
}

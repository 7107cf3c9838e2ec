import { apiEvent } from "../../functions/runtime/sampleEvents";
import type { Route, RouteEvent, Schema } from "./route";

/** A request of a route as its schemas want it, of things that do not exist: for the dry run of a release. */
export function dryRunEventOf({
  method,
  path,
  body,
}: Pick<Route<never>, "method" | "path" | "body">): () => RouteEvent {
  const names = [...path.matchAll(/\{(\w+)\}/g)].map(([, name]) => name as string);
  const request = {
    httpMethod: method,
    resource: path,
    pathParameters: Object.fromEntries(names.map((name) => [name, "generated"])),
    body: body && sampleOf(body),
  };
  return () => apiEvent(request);
}

/** The least that a schema asks for, but for patterns. */
function sampleOf({ type, properties = {}, required = [], enum: values, minimum }: Schema): unknown {
  if (Array.isArray(values)) return values[0];
  if (type === "object") return Object.fromEntries(required.map((name) => [name, sampleOf(properties[name] ?? {})]));
  if (type === "array") return [];
  if (type === "boolean") return false;
  return type === "string" ? "generated" : (minimum ?? 0);
}

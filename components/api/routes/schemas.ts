import type { RouteParameter, RouteResponse, Schema } from "../route";

/** The pieces that schemas of several routes are made of. */

export const text = (description: string, more: Partial<Schema> = {}): Schema => ({
  type: "string",
  description,
  ...more,
});
export const count = (description: string, more: Partial<Schema> = {}): Schema => ({
  type: "integer",
  minimum: 0,
  description,
  ...more,
});
export const number = (description: string): Schema => ({ type: "number", description });
export const flag = (description: string): Schema => ({ type: "boolean", description });
export const time = (description: string): Schema => text(`${description}: RFC 3339, UTC`, { format: "date-time" });
export const json = (description: string): Schema => ({ type: "object", description, additionalProperties: true });
export const list = (items: Schema, description: string): Schema => ({ type: "array", items, description });
export const map = (values: Schema, description: string): Schema => ({
  type: "object",
  additionalProperties: values,
  description,
});

/** An object: properties that are always there, and some that may be. */
export const object = (
  title: string,
  always: Readonly<Record<string, Schema>>,
  sometimes: Readonly<Record<string, Schema>> = {},
): Schema => ({
  title,
  type: "object",
  required: Object.keys(always),
  properties: { ...always, ...sometimes },
  additionalProperties: false,
});

export const thingName: Schema = text("The thing's name", { pattern: "^[a-zA-Z0-9:_-]{1,128}$" });

export const thingInPath: RouteParameter = {
  name: "thingName",
  in: "path",
  description: "The thing",
  schema: thingName,
};

export const query = (name: string, description: string, schema: Schema): RouteParameter => ({
  name,
  in: "query",
  description,
  schema,
});

/** The parameters of every list. */
export const paging: readonly RouteParameter[] = [
  query("limit", "How many at most", { type: "integer", minimum: 1, maximum: 100, default: 25 }),
  query("pageToken", "`nextPageToken` of the page before; it belongs to this list and this caller", {
    type: "string",
    maxLength: 4096,
  }),
];
export const nextPageToken = text("For the next page; missing on the last one");

export const ok = (description: string, schema: Schema): RouteResponse => ({ description, schema });
export const problem = (description: string): RouteResponse => ({ description });
export const noSuchThing = problem("There is no such thing, or it is not the caller's");

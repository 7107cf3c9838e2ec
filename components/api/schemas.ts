import type { Schema } from "./route";

/** RFC 9457: what every error of the API looks like. */
export const problem: Schema = {
  title: "Problem",
  type: "object",
  description: "What went wrong, as RFC 9457 has it",
  required: ["type", "title", "status", "detail"],
  properties: {
    type: { type: "string", description: "Names the kind of problem; never changes, so apps can act on it" },
    title: { type: "string", description: "The kind of problem, for people" },
    status: { type: "integer", description: "The HTTP status again" },
    detail: { type: "string", description: "What went wrong this time" },
    errors: {
      type: "array",
      description: "Each thing that is wrong with the request",
      items: {
        type: "object",
        required: ["path", "reason"],
        properties: { path: { type: "string" }, reason: { type: "string" } },
      },
    },
  },
};

/** Collects the schemas of a document, so that each is written once and referred to. */
export class SchemaStore {
  private readonly named = new Map<string, Schema>();

  /**
   * A reference to a schema, under its title or, without one, under a name of the caller's.
   * @throws if another schema has this name
   */
  reference(schema: Schema, fallback: string): Schema {
    const name = schema.title ?? fallback;
    if (!/^[A-Za-z0-9]+$/.test(name))
      throw new Error(`The schema ${JSON.stringify(name)} needs a title of letters and digits`);
    const { title: _, ...rest } = this.inner(schema);
    const known = this.named.get(name);
    if (known !== undefined && JSON.stringify(known) !== JSON.stringify(rest)) {
      throw new Error(`There are two schemas ${JSON.stringify(name)}, and they differ`);
    }
    this.named.set(name, rest);
    return { $ref: `#/components/schemas/${name}` };
  }

  /** All of them, by name. */
  all(): Record<string, Schema> {
    return Object.fromEntries([...this.named].sort(([one], [other]) => (one < other ? -1 : 1)));
  }

  /** A schema with those inside it that have a title replaced by references. */
  private inner(schema: Schema): Schema {
    const walk = (value: unknown): unknown => {
      if (Array.isArray(value)) return value.map(walk);
      if (typeof value !== "object" || value === null) return value;
      const titled = (value as Schema).title;
      return typeof titled === "string" ? this.reference(value as Schema, titled) : mapValues(value, walk);
    };
    return mapValues(schema, walk) as Schema;
  }
}

const mapValues = (value: object, change: (inner: unknown) => unknown) =>
  Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, change(inner)]));

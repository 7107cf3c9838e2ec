import type { FieldValues, Searchable } from "./query/compile";
import { normalize, numberOf } from "./query/values";
import { CLASSIC, deltaOf, isObject, type Json, type ShadowState, type Thing } from "./thing";

/** A thing with its fields laid out for queries. */
export class IndexedThing implements Searchable {
  private readonly fields = new Map<string, FieldValues>();

  constructor(readonly thing: Thing) {
    this.add("thingName", thing.thingName);
    this.add("thingId", thing.thingId);
    this.add("thingTypeName", thing.thingTypeName);
    this.add("thingGroupNames", thing.thingGroupNames);
    for (const [name, value] of Object.entries(thing.attributes)) this.add(`attributes.${name}`, value);
    for (const [name, state] of thing.shadows)
      this.addShadow(name === CLASSIC ? "shadow" : `shadow.name.${name}`, state);
    for (const [name, value] of Object.entries(thing.connectivity ?? {})) this.add(`connectivity.${name}`, value);
  }

  field(name: string): FieldValues | undefined {
    return this.fields.get(name);
  }

  /** A term without a field is looked for in the registry and the shadows, not in connectivity. */
  *everything(): Iterable<FieldValues> {
    for (const [name, values] of this.fields) if (!name.startsWith("connectivity.")) yield values;
  }

  private addShadow(prefix: string, state: ShadowState): void {
    const delta = deltaOf(state);
    this.add(`${prefix}.desired`, state.desired);
    this.add(`${prefix}.reported`, state.reported);
    this.add(`${prefix}.delta`, delta);
    this.add(`${prefix}.hasDelta`, delta !== undefined);
  }

  /** An array is its elements; arrays with anything but plain values in them, and null, are not indexed. */
  private add(name: string, value: Json | undefined): void {
    if (value === undefined || value === null) return;
    if (isObject(value)) {
      for (const [key, inner] of Object.entries(value)) this.add(`${name}.${key}`, inner);
      return;
    }
    const values = Array.isArray(value) ? value : [value];
    if (values.some((one) => typeof one === "object" && one !== null)) return;
    const plain = values.filter((one): one is string | number | boolean => one !== null);
    if (plain.length === 0) return;
    const found: FieldValues = {
      values: plain,
      texts: plain.map((one) => (typeof one === "string" ? normalize(one) : String(one))),
      numbers: plain.flatMap((one) => (typeof one === "number" ? one : (numberOf(one) ?? []))),
    };
    // A dot in a key leads to the same field as a path; then the field has the values of both.
    const before = this.fields.get(name);
    this.fields.set(name, before ? joined(before, found) : found);
  }
}

function joined(one: FieldValues, other: FieldValues): FieldValues {
  return {
    values: [...one.values, ...other.values],
    texts: [...one.texts, ...other.texts],
    numbers: [...one.numbers, ...other.numbers],
  };
}

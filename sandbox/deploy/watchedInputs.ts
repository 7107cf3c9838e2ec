import type { Properties } from "./handler";

/**
 * Inputs that remember what was looked at. What a handler never looked at was not applied, and a local cloud that drops
 * settings without a word would prove nothing.
 */
export function watchInputs<T extends Properties>(inputs: T): { watched: T; unread(): string[] } {
  const read = new Set<string>();
  return {
    watched: watch(inputs, "", read) as T,
    unread: () => leaves(inputs, "").filter((path) => !read.has(path)),
  };
}

function watch(value: unknown, path: string, read: Set<string>): unknown {
  if (!isPlain(value)) return value;
  return new Proxy(value, {
    get(target, key, receiver) {
      const found = Reflect.get(target, key, receiver);
      if (typeof key === "symbol" || !Object.hasOwn(target, key)) return found;
      const inner = join(path, key);
      read.add(inner);
      return watch(found, inner, read);
    },
  });
}

/** The paths of all values that are set, `a.b[0]` as Pulumi writes them. */
function leaves(value: unknown, path: string): string[] {
  if (value === undefined || value === null) return [];
  if (!isPlain(value)) return [path];
  return Object.entries(value).flatMap(([key, inner]) =>
    leaves(inner, Array.isArray(value) ? `${path}[${key}]` : join(path, key)),
  );
}

function join(path: string, key: string): string {
  if (/^\d+$/.test(key) && path !== "") return `${path}[${key}]`;
  return path === "" ? key : `${path}.${key}`;
}

/** Objects and arrays of data; assets, archives and promises are values of their own. */
function isPlain(value: unknown): value is object {
  if (typeof value !== "object" || value === null) return false;
  const prototype = Object.getPrototypeOf(value);
  return prototype === Object.prototype || prototype === null || Array.isArray(value);
}

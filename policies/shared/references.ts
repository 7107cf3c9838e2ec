import type { StackResource, Subject } from "./policy";
import { isUnknownValueError } from "./unknown";

const plainNames = ["id", "name", "bucket"];
const addresses = ["arn", "url"];
const identities = [...plainNames, ...addresses];

/**
 * Whether a property of one resource names another resource of the stack: by its ARN, URL, id or name where preview knows
 * them, by the dependencies that the engine recorded where it does not. Those are kept by property, not by path: where
 * several resources of the target's type are among them, `unsure` is the answer.
 */
export function refersTo(from: StackResource, path: string, target: StackResource, unsure = true): boolean {
  const found = strings(from, path);
  if (found.texts.some((text) => names(text, target))) return true;
  const undecided = found.unknown || (unsure && identities.some((key) => !target.props.isKnown(key)));
  if (!undecided) return false;
  const [property = "", ...deeper] = path.split(".");
  const possible = (from.propertyDependencies[property] ?? []).filter(({ type }) => type === target.type);
  if (!possible.some(({ urn }) => urn === target.urn)) return false;
  return possible.length === 1 || deeper.length === 0 || unsure;
}

/** Whether a text is the name or id of a resource, or has its ARN or URL in it. */
function names(text: string, target: Subject): boolean {
  const whole = plainNames.map((key) => known(target, key));
  const within = addresses.map((key) => known(target, key));
  return whole.includes(text) || within.some((identity) => identity !== undefined && hasWord(text, identity));
}

/**
 * Not part of a longer name: the ARN of "orders" is the beginning of that of "orders-failed". A function's ARN may end in a
 * version, a log group's in `:*`; what else follows a colon is another resource, such as an alias.
 */
function hasWord(text: string, identity: string): boolean {
  const at = text.indexOf(identity);
  return at >= 0 && /^($|[^\w:-]|:(\*|\$LATEST|\d+)$)/.test(text.slice(at + identity.length));
}

function known(target: Subject, key: string): string | undefined {
  const value = target.props.isKnown(key) ? target.props.any(key) : undefined;
  return typeof value === "string" && value !== "" ? value : undefined;
}

interface Found {
  readonly texts: readonly string[];
  readonly unknown: boolean;
}

/** By resource and path: a policy for the stack asks the same of each alarm for every function. */
const seen = new WeakMap<Subject, Map<string, Found>>();

/** All strings at or below a path, and whether there is something that preview does not know. */
function strings(from: Subject, path: string): Found {
  let paths = seen.get(from);
  if (!paths) {
    paths = new Map();
    seen.set(from, paths);
  }
  let found = paths.get(path);
  if (!found) {
    found = read(from, path);
    paths.set(path, found);
  }
  return found;
}

function read(from: Subject, path: string): Found {
  const result = { texts: [] as string[], unknown: false };
  const visit = (look: () => unknown) => {
    let value: unknown;
    try {
      value = look();
    } catch (error) {
      if (!isUnknownValueError(error)) throw error;
      result.unknown = true;
      return;
    }
    if (typeof value === "string") result.texts.push(value);
    else if (typeof value === "object" && value !== null) {
      for (const key of Object.keys(value)) visit(() => (value as Record<string, unknown>)[key]);
    }
  };
  visit(() => from.props.any(path));
  return result;
}

import type { Check } from "./argumentErrors";

export type { Check };

/** A whole number in a range, with its unit for the message. */
export function wholeNumber(minimum: number, maximum: number, unit = ""): Check<number> {
  return (value) => {
    if (typeof value === "number" && Number.isInteger(value) && value >= minimum && value <= maximum) return undefined;
    return `must be a whole number${unit && ` of ${unit}`} from ${minimum} to ${maximum}, not ${JSON.stringify(value)}`;
  };
}

/** One of the values AWS knows. */
export function oneOf<T>(values: readonly T[]): Check<T> {
  return (value) => (values.includes(value) ? undefined : `must be one of ${values.join(", ")}, not ${String(value)}`);
}

/** Text that is there, up to a length. */
export function text(maximum: number): Check<string> {
  return (value) => {
    if (typeof value !== "string" || value.trim() === "") return "must not be empty";
    return value.length > maximum ? `has ${value.length} characters; AWS takes ${maximum} at most` : undefined;
  };
}

/**
 * The name of a thing: letters, digits, `:`, `_`, `-`, 1 to 128 of them.
 * {@link https://docs.aws.amazon.com/iot/latest/apireference/API_CreateThing.html}
 */
export const thingName: Check<string> = (value) => {
  if (typeof value !== "string" || value === "") return "must not be empty";
  if (value.length > 128) return `has ${value.length} characters; AWS IoT takes 128 at most`;
  const bad = /[^a-zA-Z0-9:_-]/.exec(value);
  return bad ? `has ${JSON.stringify(bad[0])} in it; AWS IoT takes letters, digits, ":", "_" and "-"` : undefined;
};

/** A named shadow: as a thing name, 64 characters at most. */
export const shadowName: Check<string> = (value) =>
  typeof value === "string" && value.length > 64
    ? `has ${value.length} characters; AWS IoT takes 64 at most`
    : thingName(value);

/**
 * An MQTT topic filter as AWS IoT takes it: `+` stands for one whole level, `#` for the rest and only at the end.
 * Reserved topics (`$aws/...`) may be longer than seven slashes, so their depth is left to AWS.
 */
export const topicFilter: Check<string> = (value) => {
  if (typeof value !== "string" || value === "") return "must not be empty";
  if (Buffer.byteLength(value) > 256) return `has ${Buffer.byteLength(value)} bytes; AWS IoT takes 256 at most`;
  if (/['\0]/.test(value)) return "must not contain quotes or null characters";
  const levels = value.split("/");
  for (const [at, level] of levels.entries()) {
    if (level.includes("#") && (level !== "#" || at !== levels.length - 1)) {
      return `has "#" in level ${at + 1}; it may stand only alone and at the end, as in "my/things/#"`;
    }
    if (level.includes("+") && level !== "+") {
      return `has "+" inside level ${at + 1} (${JSON.stringify(level)}); it must be a whole level, as in "my/+/state"`;
    }
  }
  if (!value.startsWith("$aws/") && levels.length > 8) {
    return `has ${levels.length - 1} slashes; AWS IoT takes 7 at most`;
  }
  return undefined;
};

/** A topic to publish on: a filter without wildcards, outside the topics that AWS reserves. */
export const topicName: Check<string> = (value) => {
  const reason = topicFilter(value);
  if (reason) return reason;
  if (/[+#]/.test(value)) return 'is a topic to publish on, so it must have no "+" or "#"';
  return value.startsWith("$") ? 'must not start with "$"; AWS reserves those topics' : undefined;
};

/** An e-mail address, roughly: AWS sends it a message to confirm, which tells the rest. */
export const emailAddress: Check<string> = (value) =>
  /^[^@\s]+@[^@\s]+\.[^@\s]+$/.test(value) ? undefined : `must be an e-mail address, not ${JSON.stringify(value)}`;

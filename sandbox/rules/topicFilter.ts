/** MQTT topic filters as AWS IoT reads them. https://docs.aws.amazon.com/iot/latest/developerguide/topics.html */

const MOST_BYTES = 256;
const MOST_SLASHES = 7;

/** @returns what is wrong with a filter for a rule's FROM, or undefined */
export function whatIsWrongWith(filter: string): string | undefined {
  const levels = filter.split("/");
  if (filter === "") return "A topic filter has at least one character";
  if (filter.includes("\0")) return "A topic filter has no NUL character";
  if (Buffer.byteLength(filter, "utf8") > MOST_BYTES) return `A topic filter has at most ${MOST_BYTES} bytes`;
  if (levels.slice(0, -1).includes("#")) return "# stands only at the end of a topic filter";
  if (levels.some((level) => level.length > 1 && /[+#]/.test(level))) {
    return "+ and # stand alone between slashes, or not at all";
  }
  if (/^\$aws\/rules(\/|$)/.test(filter)) return "No rule can read $aws/rules/, which is for Basic Ingest";
  // Reserved topics are longer than the limit allows to others.
  if (levels.length - 1 > MOST_SLASHES && !filter.startsWith("$aws/")) {
    return `A topic filter has at most ${MOST_SLASHES} slashes`;
  }
  return undefined;
}

/**
 * Whether there is a topic that both filters match. A leading wildcard counts as if it matched `$aws/...` too: for a
 * rule it does not, but MiniStack's broker delivers `$aws/things/...` to a subscriber of `#`.
 */
export function overlap(a: string, b: string): boolean {
  const [left, right] = [a.split("/"), b.split("/")];
  for (let level = 0; ; level++) {
    const [x, y] = [left[level], right[level]];
    // `a/#` does not match `a`, so a # needs at least one more level on the other side.
    if (x === undefined || y === undefined) return x === y;
    if (x === "#" || y === "#") return true;
    if (x !== y && x !== "+" && y !== "+") return false;
  }
}

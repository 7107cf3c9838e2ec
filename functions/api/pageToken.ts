import { createHash } from "node:crypto";
import { refusal } from "./problem";

/**
 * The token of the next page: a position in a list, and a checksum over it and what the list is of (the route, the caller,
 * the query). A token that was made up, damaged, or taken from another list is refused.
 *
 * It is no secret and gives no right: whoever builds one by hand reaches a position in a list of their own. So it needs no
 * key, which would have to be kept and rolled.
 */
export function pageToken(position: readonly string[], list: readonly string[]): string {
  const text = JSON.stringify(position);
  return Buffer.from(`${checksum(text, list)}${text}`).toString("base64url");
}

/** The position that a token tells. @throws a refusal unless it is a token of this list, with so many parts */
export function positionOf(token: string, list: readonly string[], parts: number): string[] {
  const whole = /^[\w-]{1,4096}$/.test(token) ? Buffer.from(token, "base64url").toString() : "";
  const text = whole.slice(16);
  if (text === "" || checksum(text, list) !== whole.slice(0, 16)) throw noSuchPage();
  const position: unknown = JSON.parse(text);
  const right = Array.isArray(position) && position.length === parts && position.every((at) => typeof at === "string");
  if (!right) throw noSuchPage();
  return position;
}

export function noSuchPage() {
  return refusal(
    "invalid-page-token",
    "pageToken is not one that this list gave. Leave it out to start at the beginning.",
  );
}

function checksum(text: string, list: readonly string[]): string {
  return createHash("sha256")
    .update(JSON.stringify([list, text]))
    .digest("base64url")
    .slice(0, 16);
}

import type { Subject } from "./policy";

/** Which wildcard a statement's Sid can excuse; one Sid, one wildcard. */
export type Wildcard = "AnyAction" | "AnyResource" | "AnyPrincipal";

/** A reason is a sentence, not a tag to make a check go quiet. */
const leastWords = 4;

/**
 * Whether the Sid of a statement excuses one kind of wildcard in it: `AnyResourceBecauseThingsAreMadeInTheField`. A Sid holds
 * letters and digits only, so the reason is written in camel case; see docs/decisions/policies.md for why it stands there.
 */
export function excusedBySid(sid: string, wildcard: Wildcard): boolean {
  const prefix = `${wildcard}Because`;
  if (!sid.startsWith(prefix)) return false;
  return (sid.slice(prefix.length).match(/[A-Z][a-z0-9]*/g) ?? []).length >= leastWords;
}

/** How to excuse a wildcard by a Sid, for the end of a message. */
export function howToExcuse(wildcard: Wildcard): string {
  return `where AWS or the task leaves no other way, say so in the statement's Sid: \`${wildcard}Because<WhyInAtLeastFourWords>\``;
}

/** The tag whose value is the reason that a resource may go without something, e.g. `thingstack:because/reserved-concurrency`. */
export const reasonTag = (subject: string): string => `thingstack:because/${subject}`;

/** Whether a tag of the resource gives the reason for an exception. A reason that preview does not know yet is one. */
export function excusedByTag({ props }: Subject, subject: string): boolean {
  const tag = reasonTag(subject);
  if (!props.isKnown("tags") || !props.keys("tags").includes(tag)) return false;
  const reason = props.at("tags").at(tag);
  return !reason.isKnown() || (reason.text()?.trim().split(/\s+/).length ?? 0) >= leastWords;
}

/** How to excuse something by a tag, for the end of a message. */
export function howToTag(subject: string): string {
  return `or give the reason, in at least four words, in the tag \`${reasonTag(subject)}\``;
}

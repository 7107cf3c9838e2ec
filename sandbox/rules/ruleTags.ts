import { AwsError } from "./awsErrors";

const MOST_TAGS = 50;

interface Tag {
  readonly Key: string;
  readonly Value: string;
}

/** The tags of an account's rules, by the rule's name. */
export class RuleTags {
  private readonly tags = new Map<string, Map<string, string>>();

  /** @param header `x-amz-tagging` of CreateTopicRule, `key=value&key2=value2` */
  static parseHeader(header: string | undefined): Tag[] {
    return [...new URLSearchParams(header ?? "")].map(([Key, Value]) => ({ Key, Value }));
  }

  /** @throws AwsError for what is no list of tags, and for more than 50 */
  add(rule: string, tags: unknown): void {
    if (!Array.isArray(tags) || !tags.every(isTag)) throw AwsError.invalid("tags must be a list of Key and Value");
    const merged = new Map(this.tags.get(rule));
    for (const { Key, Value } of tags) merged.set(Key, Value);
    if (merged.size > MOST_TAGS) throw AwsError.invalid(`A rule has at most ${MOST_TAGS} tags`);
    this.tags.set(rule, merged);
  }

  remove(rule: string, keys: unknown): void {
    if (!Array.isArray(keys)) throw AwsError.invalid("tagKeys must be a list");
    for (const key of keys) this.tags.get(rule)?.delete(key);
  }

  forget(rule: string): void {
    this.tags.delete(rule);
  }

  of(rule: string): Tag[] {
    return [...(this.tags.get(rule) ?? [])].map(([Key, Value]) => ({ Key, Value }));
  }
}

function isTag(tag: unknown): tag is Tag {
  const { Key, Value } = (tag ?? {}) as Partial<Tag>;
  return typeof Key === "string" && Key !== "" && typeof Value === "string";
}

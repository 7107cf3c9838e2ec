type Tags = Readonly<Record<string, string>>;

/** Tags as the lists that most services take. */
export const tagList = (tags: Tags = {}) => Object.entries(tags).map(([Key, Value]) => ({ Key, Value }));

/** The lists that most services return, as a map. */
export function tagMap(list: readonly { Key?: string; Value?: string }[] = []): Record<string, string> {
  return Object.fromEntries(list.map(({ Key, Value }) => [Key ?? "", Value ?? ""]));
}

/** What to set and what to take away to come from `olds` to `news`. */
export function tagChanges(olds: Tags = {}, news: Tags = {}): { set: Record<string, string>; remove: string[] } {
  return {
    set: Object.fromEntries(Object.entries(news).filter(([key, value]) => olds[key] !== value)),
    remove: Object.keys(olds).filter((key) => !(key in news)),
  };
}

/** The resource's own tags among all that are on it: those the provider's defaults do not explain. */
export function ownTags(all: Tags, defaults: Tags, declared: Tags = {}): Record<string, string> {
  return Object.fromEntries(Object.entries(all).filter(([key, value]) => key in declared || defaults[key] !== value));
}

/** Brings the tags of one resource from `olds` to `news` with the two calls each service has. */
export async function updateTags(
  olds: Tags | undefined,
  news: Tags | undefined,
  calls: { set(tags: Record<string, string>): Promise<unknown>; remove(keys: string[]): Promise<unknown> },
): Promise<void> {
  const { set, remove } = tagChanges(olds, news);
  if (remove.length > 0) await calls.remove(remove);
  if (Object.keys(set).length > 0) await calls.set(set);
}

import type { AnomalyRecord } from "../reminder/reminderLoop";
import type { Read, Source } from "./anomalies";
import { noSuchPage, pageToken, positionOf } from "./pageToken";

/** A record and where it is from. */
export interface Found {
  readonly kind: string;
  readonly record: AnomalyRecord;
}

/** How many sources are asked at the same time. */
const atOnce = 10;

/**
 * A page of several sources, one after the other.
 * @param list what the page token belongs to
 */
export async function pageOf(
  sources: readonly Source[],
  read: Read,
  { limit, token, list }: { limit: number; token?: string; list: readonly string[] },
): Promise<{ found: Found[]; nextPageToken?: string }> {
  const [kind, thing, openedAt, deviceId] = token === undefined ? [] : positionOf(token, list, 4);
  const start = sources.findIndex((source) => source.kind === kind && (source.thingName ?? "") === thing);
  // What it pointed into is gone, as when a thing has changed hands.
  if (token !== undefined && start < 0) throw noSuchPage();
  const after = openedAt !== undefined && deviceId !== undefined ? { openedAt, deviceId } : undefined;

  const found: (Found & { source: Source })[] = [];
  for (let at = Math.max(0, start); at < sources.length && found.length <= limit; at += atOnce) {
    const some = sources.slice(at, at + atOnce);
    // One more than fits tells whether there is another page.
    const pages = await Promise.all(
      some.map((source, n) => read(source, limit + 1 - found.length, at + n === start ? after : undefined)),
    );
    for (const [n, records] of pages.entries()) {
      const source = some[n] as Source;
      found.push(...records.map((record) => ({ kind: source.kind, record, source })));
    }
  }
  const page = found.slice(0, limit);
  const last = page.at(-1);
  if (found.length <= limit || !last) return { found: page };
  const { source, record } = last;
  const position = [source.kind, source.thingName ?? "", record.openedAt, record.deviceId];
  return { found: page, nextPageToken: pageToken(position, list) };
}

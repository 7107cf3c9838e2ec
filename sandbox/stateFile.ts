import { readFileSync, renameSync, writeFileSync } from "node:fs";
import * as path from "node:path";
import type { Resource } from "./deploy/lifecycle";
import { findHandler } from "./deploy/registry";

/** What a later deployment has to know of the one before: how it was configured, and what it made. */
export interface LocalState {
  readonly config: Readonly<Record<string, string>>;
  readonly resources: ReadonlyMap<string, Resource>;
}

const fileIn = (runFolder: string) => path.join(runFolder, "state.json");

/** Writes what was deployed into the folder of the run, for this user alone: it has secrets, as any state has. */
export function writeState(runFolder: string, { config, resources }: LocalState): void {
  const entries = [...resources.values()].map(({ urn, type, name, id, inputs, outputs, played }) => {
    const content = new Set<string>(findHandler(type)?.content?.inputs);
    const plain = (properties: object) => Object.entries(properties).filter(([key]) => !content.has(key));
    const own = { inputs: Object.fromEntries(plain(inputs)), outputs: Object.fromEntries(plain(outputs)) };
    return { urn, type, name, id, played, ...own };
  });
  const file = fileIn(runFolder);
  writeFileSync(`${file}.new`, JSON.stringify({ config, resources: entries }), { mode: 0o600 });
  renameSync(`${file}.new`, file);
}

/** @throws when there is none */
export function readState(runFolder: string): LocalState {
  const { config, resources } = JSON.parse(readFileSync(fileIn(runFolder), "utf8"));
  return { config, resources: new Map((resources as Resource[]).map((resource) => [resource.urn, resource])) };
}

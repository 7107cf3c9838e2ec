import type { Json, Shadow } from "../api/types";
import { leaves, valueAt } from "./json";

/** One property of a shadow, with what each section says of it; undefined: the section does not have it. */
export interface ShadowRow {
  /** `config.fan.speed` */
  readonly path: string;
  readonly desired?: Json;
  readonly reported?: Json;
  readonly delta?: Json;
  /** `waiting`: the device has not yet done what is desired. `reported`: nobody desires anything of it. */
  readonly state: "waiting" | "done" | "reported";
}

/** The sections of a shadow side by side, a row per property: what waits for the device first, then by name. */
export function shadowRows({ desired, reported, delta }: Pick<Shadow, "desired" | "reported" | "delta">): ShadowRow[] {
  const paths = new Map<string, readonly string[]>();
  for (const section of [desired, reported, delta]) {
    for (const [path] of leaves(section)) paths.set(JSON.stringify(path), path);
  }
  const all = [...paths.values()];
  // {"fan": {}} beside {"fan": {"speed": 1}}: only the deeper one is a row, or fan would be there twice.
  const rows = all
    .filter((path) => !all.some((other) => other.length > path.length && path.every((key, at) => other[at] === key)))
    .map((path): ShadowRow => {
      const row = {
        path: path.map((key) => (/^[\w-]+$/.test(key) ? key : JSON.stringify(key))).join("."),
        desired: valueAt(desired, path),
        reported: valueAt(reported, path),
        delta: valueAt(delta, path),
      };
      const state = row.delta !== undefined ? "waiting" : row.desired !== undefined ? "done" : "reported";
      return { ...row, state };
    });
  const rank = { waiting: 0, done: 1, reported: 2 };
  return rows.sort((one, other) => rank[one.state] - rank[other.state] || (one.path < other.path ? -1 : 1));
}

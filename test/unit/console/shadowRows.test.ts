import { expect } from "chai";
import { type ShadowRow, shadowRows } from "../../../console/src/logic/shadowRows";

const row = (path: string, state: ShadowRow["state"], values: Partial<ShadowRow>): ShadowRow => ({
  path,
  state,
  desired: undefined,
  reported: undefined,
  delta: undefined,
  ...values,
});

describe("console: a shadow, section beside section", () => {
  const cases: [what: string, shadow: Parameters<typeof shadowRows>[0], rows: ShadowRow[]][] = [
    ["an empty one", { desired: {}, reported: {}, delta: {} }, []],
    [
      "what waits for the device comes first, what nobody desires last",
      { desired: { b: 1, z: 2 }, reported: { a: 0, b: 1, z: 1 }, delta: { z: 2 } },
      [
        row("z", "waiting", { desired: 2, reported: 1, delta: 2 }),
        row("b", "done", { desired: 1, reported: 1 }),
        row("a", "reported", { reported: 0 }),
      ],
    ],
    [
      "properties inside of others by their path",
      { desired: { fan: { speed: 2 } }, reported: { fan: { speed: 2, on: true } }, delta: {} },
      [row("fan.speed", "done", { desired: 2, reported: 2 }), row("fan.on", "reported", { reported: true })],
    ],
    [
      "a list is one value",
      { desired: { days: [1, 2] }, reported: { days: [1] }, delta: { days: [1, 2] } },
      [row("days", "waiting", { desired: [1, 2], reported: [1], delta: [1, 2] })],
    ],
    [
      "an empty object beside a full one is no row of its own",
      { desired: { fan: {} }, reported: { fan: { on: true } }, delta: {} },
      [row("fan.on", "reported", { reported: true })],
    ],
    [
      "a name with a dot is not taken for a path",
      { desired: {}, reported: { "a.b": 1, a: { b: 2 } }, delta: {} },
      [row('"a.b"', "reported", { reported: 1 }), row("a.b", "reported", { reported: 2 })],
    ],
  ];
  for (const [what, shadow, rows] of cases) {
    it(what, () => expect(shadowRows(shadow)).to.deep.equal(rows));
  }
});

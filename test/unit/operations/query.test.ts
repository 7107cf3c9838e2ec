import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect } from "chai";
import { localPlace, outputOf } from "../../../operations/place";
import { asTable } from "../../../operations/query/table";

describe("npm run query", () => {
  it("prints columns of equal width, numbers to the right, and NULL as such", () => {
    const rows = [
      ["cooler-1", "25", null],
      ["c", "1.5", "x"],
    ];
    expect(asTable(["thing", "n", "note"], rows)).to.equal(
      "thing       n  note\n--------  ---  ----\ncooler-1   25  NULL\nc         1.5  x\n\n2 rows\n",
    );
    expect(asTable(["n"], [["1"]])).to.match(/\n1 row\n$/);
    expect(asTable([], [])).to.match(/0 rows/);
  });

  const files: [what: string, content: string | undefined, message: RegExp][] = [
    ["nothing runs", undefined, /no local cloud runs here; start one with npm start/],
    ["the last one died", JSON.stringify({ pid: 2 ** 22 + 1, outputs: {} }), /no local cloud runs here/],
    ["the file is half written", '{"pid":', /no local cloud runs here/],
    [
      "it has no telemetry",
      JSON.stringify({ pid: process.pid, endpoint: "http://127.0.0.1:1", outputs: {} }),
      /no output `telemetry`/,
    ],
  ];
  for (const [what, content, message] of files) {
    it(`says so when ${what}`, () => {
      const folder = mkdtempSync(join(tmpdir(), "query-"));
      try {
        if (content !== undefined) writeFileSync(join(folder, "outputs.json"), content);
        expect(() => outputOf(localPlace(folder), "telemetry")).to.throw(message);
      } finally {
        rmSync(folder, { recursive: true });
      }
    });
  }
});

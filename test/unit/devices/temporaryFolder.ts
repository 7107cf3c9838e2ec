import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import * as path from "node:path";

/** A folder for the tests of one `describe`, removed after them. */
export function temporaryFolder(): () => string {
  let folder = "";
  before(() => {
    folder = mkdtempSync(path.join(tmpdir(), "thingstack-devices-"));
  });
  after(() => rmSync(folder, { recursive: true }));
  return () => folder;
}

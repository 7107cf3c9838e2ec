import { mkdtempSync } from "node:fs";
import * as path from "node:path";
import { expect } from "chai";
import { findPython } from "../../../sandbox/ministack/python";
import { fakeProgram, pythonAnswer, temporaryFolder } from "./fakePython";

describe("findPython", () => {
  const root = temporaryFolder();

  const cases: { what: string; programs: Record<string, string>; expected: object | undefined }[] = [
    { what: "finds nothing where there is nothing", programs: {}, expected: undefined },
    {
      what: "takes the newest of the tested ones before the plain names",
      programs: {
        "python3.12": pythonAnswer("3.12.1", true),
        "python3.11": pythonAnswer("3.11.7", true),
        python3: pythonAnswer("3.14.0", true),
      },
      expected: { version: "3.12.1", executable: "/fake/python" },
    },
    {
      what: "takes `python` where nothing else is, and a version it does not know yet",
      programs: { python: pythonAnswer("3.19.0", true) },
      expected: { version: "3.19.0", newEnough: true, complete: true },
    },
    {
      what: "goes past a shim that has no version behind it",
      programs: {
        "python3.13": "echo 'pyenv: python3.13: command not found' >&2; exit 127",
        python3: pythonAnswer("3.10.0", true),
      },
      expected: { version: "3.10.0", newEnough: true },
    },
    {
      what: "goes past one without venv and pip to one that has them",
      programs: { "python3.12": pythonAnswer("3.12.1", false), "python3.11": pythonAnswer("3.11.7", true) },
      expected: { version: "3.11.7", complete: true },
    },
    {
      what: "names the one that only lacks venv and pip, rather than one that is too old",
      programs: { python: pythonAnswer("2.7.18", true), python3: pythonAnswer("3.11.2", false) },
      expected: { version: "3.11.2", newEnough: true, complete: false },
    },
    {
      what: "names the one that is too old: 3.9 is, though 3.10 looks smaller as a number",
      programs: { python3: pythonAnswer("3.9.18", true) },
      expected: { version: "3.9.18", newEnough: false },
    },
    {
      what: "is not fooled by a program that says something else",
      programs: { python3: "echo 'Python was not found; run without arguments to install from the Store'" },
      expected: undefined,
    },
  ];
  for (const { what, programs, expected } of cases) {
    it(what, async () => {
      const folder = mkdtempSync(path.join(root, "bin-"));
      for (const [name, script] of Object.entries(programs)) {
        fakeProgram(folder, name, script);
      }
      const found = await findPython({ PATH: folder });
      if (expected === undefined) {
        expect(found).to.equal(undefined);
      } else {
        expect(found).to.include(expected);
      }
    });
  }

  it("asks the real Python of this machine in a way it understands", async function () {
    const found = await findPython();
    if (found === undefined) {
      this.skip();
    }
    expect(path.isAbsolute(found.executable)).to.equal(true);
    expect(found.version).to.match(/^\d+\.\d+\.\d+$/);
  });
});

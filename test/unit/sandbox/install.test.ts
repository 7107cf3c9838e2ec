import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import * as path from "node:path";
import { expect } from "chai";
import { installedPython, installMiniStack } from "../../../sandbox/ministack/install";
import type { Python } from "../../../sandbox/ministack/python";
import { fakeProgram, temporaryFolder } from "./fakePython";

/**
 * Acts as `python -m venv <folder>` and, copied into that, as the environment's `python -m pip install ...`.
 * Every installation adds a line to `installs` beside it.
 */
const FAKE_PYTHON = (installs: string, pip: string) => `
case "$2" in
  venv) mkdir -p "$3/bin" && cp "$0" "$3/bin/python" ;;
  pip) echo "$*" >> "${installs}"; ${pip} ;;
esac`;

const PIP_WORKS = `
echo "Collecting ministack==1.5.33"
echo "  Downloading ministack-1.5.33-py3-none-any.whl (2.4 MB)"`;

describe("installing MiniStack", () => {
  const folder = temporaryFolder();
  let root: string;
  let installs: string;

  beforeEach(() => {
    root = mkdtempSync(path.join(folder, "sandbox-"));
    installs = path.join(root, "installs");
  });

  const python = (pip: string): Python => {
    const bin = mkdtempSync(path.join(folder, "bin-"));
    fakeProgram(bin, "python3", FAKE_PYTHON(installs, pip));
    return { executable: path.join(bin, "python3"), version: "3.11.7", newEnough: true, complete: true };
  };
  const installCount = () => (existsSync(installs) ? readFileSync(installs, "utf8").trim().split("\n").length : 0);
  const leftOvers = () => readdirSync(root).filter((name) => name !== "venv" && name !== "installs");

  it("makes the environment, tells how it goes, and finds it the next time", async () => {
    const told: string[] = [];
    const made = await installMiniStack(root, python(PIP_WORKS), (text) => told.push(text));
    expect(made).to.equal(path.join(root, "venv", "bin", "python"));
    expect(installedPython(root)).to.equal(made);
    expect(readFileSync(installs, "utf8")).to.match(/-m pip install .* -r \S+requirements\.txt/);
    expect(told).to.include("  ministack 1.5.33 (2.4 MB)");
    expect(leftOvers()).to.deep.equal([]);
  });

  it("installs once when two start at the same moment", async () => {
    const told: string[] = [];
    const fake = python(`${PIP_WORKS}; sleep 0.3`);
    const both = [1, 2].map(() => installMiniStack(root, fake, (text) => told.push(text)));
    expect(new Set(await Promise.all(both))).to.deep.equal(new Set([path.join(root, "venv", "bin", "python")]));
    expect(installCount()).to.equal(1);
    expect(told.join("\n")).to.match(/Another start is installing/);
  });

  const unusable: { what: string; spoil: () => void }[] = [
    { what: "one without a stamp", spoil: () => rmSync(path.join(root, "venv", "thingstack.json")) },
    {
      what: "one with other versions",
      spoil: () => writeFileSync(path.join(root, "venv", "thingstack.json"), '{"fingerprint":"of last year"}'),
    },
    { what: "one whose stamp is cut off", spoil: () => writeFileSync(path.join(root, "venv", "thingstack.json"), "{") },
    { what: "one whose Python is gone", spoil: () => rmSync(path.join(root, "venv", "bin", "python")) },
  ];
  for (const { what, spoil } of unusable) {
    it(`does not take ${what}, and makes a new one`, async () => {
      const fake = python(PIP_WORKS);
      await installMiniStack(root, fake, () => {});
      spoil();
      expect(installedPython(root)).to.equal(undefined);
      await installMiniStack(root, fake, () => {});
      expect(installCount()).to.equal(2);
      expect(installedPython(root)).to.be.a("string");
      expect(leftOvers()).to.deep.equal([]);
    });
  }

  it("clears away one that was interrupted", async () => {
    mkdirSync(path.join(root, "venv-interrupted", "bin"), { recursive: true });
    await installMiniStack(root, python(PIP_WORKS), () => {});
    expect(leftOvers()).to.deep.equal([]);
  });

  it("shows pip's own words when it fails, leaves nothing, and can be tried again", async () => {
    const broken = python('echo "ERROR: No matching distribution found for ministack" >&2; exit 1');
    const failure = await installMiniStack(root, broken, () => {}).catch((error) => error);
    expect(failure).to.have.property("name", "LocalCloudError");
    expect(failure.message)
      .to.match(/"python -m pip install" ended with 1/)
      .and.match(/check the network/)
      .and.match(/ERROR: No matching distribution found for ministack/);
    expect(installedPython(root)).to.equal(undefined);
    expect(leftOvers()).to.deep.equal([]);
    await installMiniStack(root, python(PIP_WORKS), () => {});
    expect(installedPython(root)).to.be.a("string");
  });
});

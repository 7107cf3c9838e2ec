import { spawnSync } from "node:child_process";
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, utimesSync, writeFileSync } from "node:fs";
import * as path from "node:path";
import { expect } from "chai";
import { createRunFolder, isAlive } from "../../../sandbox/ministack/folders";
import { temporaryFolder } from "./fakePython";

describe("the folders of a run", () => {
  const folder = temporaryFolder();
  const gone = spawnSync(process.execPath, ["-e", ""]).pid;
  let root: string;

  beforeEach(() => {
    root = mkdtempSync(path.join(folder, "sandbox-"));
  });

  it("are its own, and go with it", () => {
    const [one, two] = [createRunFolder(root), createRunFolder(root)];
    expect(one.path).to.not.equal(two.path);
    expect(one.temporary.startsWith(root), "functions are unpacked outside the project").to.equal(false);
    writeFileSync(path.join(one.temporary, "something"), "");
    one.remove();
    expect([one.path, one.temporary, two.path, two.temporary].map(existsSync)).to.deep.equal([
      false,
      false,
      true,
      true,
    ]);
    two.remove();
  });

  it("are cleared away by the next run when their own died hard, and only then", () => {
    const alive = createRunFolder(root);
    const dead = createRunFolder(root);
    const owner = path.join(dead.path, "owner.json");
    writeFileSync(owner, readFileSync(owner, "utf8").replace(`${process.pid}`, `${gone}`));
    mkdirSync(path.join(root, "run-being-made"));

    const next = createRunFolder(root);
    expect([dead.path, dead.temporary].filter(existsSync)).to.deep.equal([]);
    expect([alive.path, alive.temporary, path.join(root, "run-being-made")].filter(existsSync)).to.have.length(3);
    alive.remove();
    next.remove();
  });

  it("leave the newest logs", () => {
    mkdirSync(path.join(root, "logs"));
    for (let age = 1; age <= 30; age++) {
      const log = path.join(root, "logs", `ministack-${age}.log`);
      writeFileSync(log, "");
      utimesSync(log, Date.now() / 1000 - age, Date.now() / 1000 - age);
    }
    createRunFolder(root).remove();
    const kept = readdirSync(path.join(root, "logs"));
    expect(kept).to.have.length(20).and.include("ministack-1.log").and.not.include("ministack-21.log");
  });

  it("know a process that is gone from one that lives, also when it is another user's", () => {
    expect([isAlive(process.pid), isAlive(gone), isAlive(1)]).to.deep.equal([true, false, true]);
  });
});

import { readFileSync } from "node:fs";
import { expect } from "chai";
import { MINISTACK_VERSION, requirementsPath } from "../../../sandbox/ministack/version";

describe("the packages of MiniStack's environment", () => {
  const lines = readFileSync(requirementsPath, "utf8")
    .split("\n")
    .filter((line) => line !== "" && !line.startsWith("#"));

  it("are pinned, every one", () => {
    for (const line of lines) {
      expect(line).to.match(/^[A-Za-z0-9_-]+==[0-9][0-9a-z.]*(; python_version < "3\.11")?$/);
    }
  });

  it("name the version that is asked of a MiniStack, and what its broker needs", () => {
    expect(lines).to.include(`ministack==${MINISTACK_VERSION}`);
    expect(lines.filter((line) => line.startsWith("cryptography=="))).to.have.length(1);
  });
});

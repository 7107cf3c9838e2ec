import { readdirSync, readFileSync } from "node:fs";
import * as path from "node:path";
import { expect } from "chai";
import { recordedTypes } from "../../../sandbox/deploy/recorded";
import { findHandler, playedTypes } from "../../../sandbox/deploy/registry";

describe("the types that the local cloud knows", () => {
  it("are types of the @pulumi/aws that is installed, by their exact tokens", () => {
    const folder = path.dirname(require.resolve("@pulumi/aws/package.json"));
    for (const type of [...playedTypes(), ...Object.keys(recordedTypes)]) {
      const [, module, member] = /^aws:(\w+)\/(\w+):\w+$/.exec(type)!;
      const files = readdirSync(path.join(folder, module!));
      const file = files.find((name) => name.toLowerCase() === `${member}.js`.toLowerCase());
      expect(file, `${type}: no file ${module}/${member}.js`).not.to.equal(undefined);
      expect(readFileSync(path.join(folder, module!, file!), "utf8")).to.contain(`__pulumiType = '${type}'`);
    }
  });

  it("are either played or recorded, and a recorded one says why", () => {
    for (const type of playedTypes()) expect(recordedTypes).not.to.have.property(type);
    for (const [type, reason] of Object.entries(recordedTypes)) {
      expect(findHandler(type)).to.equal(undefined);
      expect(reason).to.match(/^\S.{10,}/);
    }
  });

  const unknown: [type: string, where: string][] = [
    ["aws:apprunner/service:Service", "sandbox/deploy/handlers/apprunner"],
    ["aws:sqs/redrivePolicy:RedrivePolicy", "sandbox/deploy/handlers/sqs"],
    ["random:index/randomPet:RandomPet", "sandbox/deploy/handlers/<service>.ts"],
  ];
  for (const [type, where] of unknown) {
    it(`say of ${type} that it is not known, and where to add it`, () => {
      expect(() => findHandler(type)).to.throw(new RegExp(`does not know the resource type ${type}\\. Add .*${where}`));
      expect(() => findHandler(type)).to.throw("sandbox/deploy/recorded.ts");
    });
  }
});

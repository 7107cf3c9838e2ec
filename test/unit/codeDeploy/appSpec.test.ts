import { expect } from "chai";
import { readAppSpec } from "../../../sandbox/codeDeploy/appSpec";
import { CodeDeployError } from "../../../sandbox/codeDeploy/errors";
import { appSpec, properties } from "./codeDeployHelp";

describe("an AppSpec", () => {
  const read = (spec: unknown) => readAppSpec(typeof spec === "string" ? spec : JSON.stringify(spec));

  it("says which alias goes from which version to which", () => {
    expect(read(appSpec())).to.deep.equal({
      functionName: "greeter-1",
      alias: "live",
      currentVersion: "1",
      targetVersion: "2",
      beforeAllowTraffic: undefined,
      afterAllowTraffic: undefined,
    });
  });

  it("names hooks, each in an entry of its own or all in one", () => {
    const [before, after] = [{ BeforeAllowTraffic: "a" }, { AfterAllowTraffic: "b" }];
    for (const Hooks of [[before, after], [{ ...before, ...after }]]) {
      const { beforeAllowTraffic, afterAllowTraffic } = read(appSpec({ Hooks }));
      expect([beforeAllowTraffic, afterAllowTraffic]).to.deep.equal(["a", "b"]);
    }
  });

  const resource = (changes: object, Type = "AWS::Lambda::Function") =>
    appSpec({ Resources: [{ greeter: { Type, Properties: { ...properties, ...changes } } }] });
  const [first] = appSpec().Resources;
  const wrong: [string, unknown, RegExp][] = [
    ["nothing", "", /no JSON document/],
    ["YAML", "version: 0.0\nResources: []", /no JSON document \(YAML is for AWS/],
    ["null", "null", /no JSON document/],
    ["no version", appSpec({ version: undefined }), /version is 0\.0, not undefined/],
    ["another version", appSpec({ version: 1.0 }), /version is 0\.0, not 1/],
    ["no resources", appSpec({ Resources: undefined }), /one function, not of 0/],
    ["resources that are no list", appSpec({ Resources: first }), /one function, not of 0/],
    ["two functions", appSpec({ Resources: [first, first] }), /one function, not of 2/],
    ["two functions in one entry", appSpec({ Resources: [{ ...first, b: first!.greeter }] }), /one function, not of 2/],
    ["another type", resource({}, "AWS::ECS::Service"), /AWS::Lambda::Function, not "AWS::ECS::Service"/],
    ["no properties", appSpec({ Resources: [{ a: { Type: "AWS::Lambda::Function" } }] }), /needs Name/],
    ["no name", resource({ Name: undefined }), /needs Name/],
    ["an empty alias", resource({ Alias: "" }), /needs Alias/],
    ["no current version", resource({ CurrentVersion: undefined }), /needs CurrentVersion/],
    ["a version that is no text", resource({ TargetVersion: 2 }), /needs TargetVersion, a text/],
    ["a version that is not published", resource({ CurrentVersion: "$LATEST" }), /published version .* not \$LATEST/],
    ["hooks that are no list", appSpec({ Hooks: { BeforeAllowTraffic: "a" } }), /Hooks is a list/],
    ["a hook of another service", appSpec({ Hooks: [{ BeforeInstall: "a" }] }), /not BeforeInstall/],
    ["a hook without a function", appSpec({ Hooks: [{ AfterAllowTraffic: "" }] }), /AfterAllowTraffic needs the name/],
  ];
  for (const [what, spec, why] of wrong) {
    it(`is not ${what}`, () => {
      expect(() => read(spec))
        .to.throw(CodeDeployError, why)
        .with.property("name", "InvalidRevisionException");
    });
  }
});

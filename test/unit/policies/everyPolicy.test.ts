import { readdirSync, readFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { expect } from "chai";
import { page, withTables } from "../../../policies/generate/docs";
import { source, taggableTypes } from "../../../policies/generate/taggableTypes";
import { packs } from "../../../policies/run/packs";
import { taggableTypes as known } from "../../../policies/shared/taggableTypes";
import { compliantStack } from "./compliantStack";
import { check, type Props, type TestResource, unknown } from "./support";

const policies = packs.flatMap((pack) => pack.policies);

describe("policies: every policy", () => {
  it("has a name of its own, over all packs", () => {
    const names = policies.map(({ name }) => name);
    expect(new Set(names).size).to.equal(names.length);
  });

  it("is a file of its own, named like it", () => {
    for (const pack of packs) {
      const folder = resolve(__dirname, "../../../policies", pack.name.replace("thingstack-", ""));
      const files = readdirSync(folder).filter(
        (file) => file.endsWith(".ts") && !["index.ts", "pack.ts"].includes(file),
      );
      const camel = (name: string) => name.replace(/-([a-z0-9])/g, (_, letter: string) => letter.toUpperCase());
      expect(pack.policies.map(({ name }) => `${camel(name)}.ts`).sort()).to.deep.equal(files.sort());
      for (const { name } of pack.policies) {
        expect(readFileSync(join(folder, `${camel(name)}.ts`), "utf8")).to.contain(`name: "${name}"`);
      }
    }
  });

  it("is in docs/policies.md as it is now (else npm run docs:policies)", () => {
    const text = readFileSync(page, "utf8");
    expect(withTables(text)).to.equal(text);
  });

  for (const { name, description, why, remediationSteps, url, configSchema, severity } of policies) {
    it(`${name} says the rule, why, how to fix it, and where to read more`, () => {
      expect(name).to.match(/^[a-z0-9]+(-[a-z0-9]+)+$|^descriptions$/);
      expect(description).to.match(/^[A-Z].+\.$/);
      expect(why).to.match(/^[a-z`A-Z].+\.$/);
      expect(remediationSteps).to.match(/.{20,}/);
      expect(url).to.match(/^https:\/\/(docs\.aws\.amazon\.com|www\.pulumi\.com)\//);
      expect(severity).to.be.a("string");
      for (const parameter of Object.values(configSchema?.properties ?? {})) {
        expect(parameter).to.include.keys("description", "default");
      }
    });
  }

  it("finds nothing wrong with a value that is not known yet, whichever it is", () => {
    const alarms: string[] = [];
    forEachValue((stack, resource, path, set) => {
      set(unknown);
      for (const found of check(stack, { changed: resource.name })) {
        alarms.push(`${resource.name}.${path}: ${found.policy} on ${found.on}: ${found.what}`);
      }
    });
    expect(alarms).to.deep.equal([]);
  });

  for (const wrong of [42, "text", true, null, [], {}, [[]], { a: { b: 1 } }]) {
    it(`does not fail on ${JSON.stringify(wrong)} in place of any value`, () => {
      let values = 0;
      forEachValue((stack, resource, path, set) => {
        values++;
        set(wrong);
        try {
          check(stack, { changed: resource.name });
        } catch (error) {
          throw new Error(`${resource.name}.${path}: ${(error as Error).stack}`);
        }
      });
      expect(values).to.be.greaterThan(200);
    });
  }
});

describe("policies: taggable types", () => {
  it("are those of the installed @pulumi/aws (else run policies/generate/taggableTypes.ts)", () => {
    const types = taggableTypes();
    expect([...known]).to.deep.equal(types);
    expect(source(types)).to.contain(types[0]);
    expect(known.has("aws:iot/topicRule:TopicRule")).to.equal(true);
    expect(known.has("aws:iot/policyAttachment:PolicyAttachment")).to.equal(false);
  });
});

/** Calls back for every value at every depth of every resource, each time with a stack of its own. */
function forEachValue(
  change: (stack: TestResource[], resource: TestResource, path: string, set: (value: unknown) => void) => void,
): void {
  for (const [at, { props }] of compliantStack().entries()) {
    for (const path of pathsOf(props)) {
      const stack = compliantStack();
      const resource = stack[at] as TestResource;
      const container = path.slice(0, -1).reduce((inner: Props, key) => inner[key], resource.props);
      change(stack, resource, path.join("."), (value) => {
        container[path[path.length - 1] as string] = value;
      });
    }
  }
}

function pathsOf(value: unknown, above: string[] = []): string[][] {
  if (typeof value !== "object" || value === null) return [];
  return Object.entries(value).flatMap(([key, inner]) => [[...above, key], ...pathsOf(inner, [...above, key])]);
}

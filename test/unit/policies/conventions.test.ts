import { expect } from "chai";
import { compliantStack } from "./compliantStack";
import { check, remediate, unknown } from "./support";
import { table } from "./table";

const conventions = (entries: object) => ({ "thingstack-conventions": { ...entries } });

describe("policies: a compliant stack", () => {
  it("violates nothing, in any kind of stack", () => {
    expect(check(compliantStack(), { stack: "dev" })).to.deep.equal([]);
    const stack = compliantStack();
    for (const resource of stack) resource.opts = { protect: true };
    expect(check(stack, { stack: "prod" })).to.deep.equal([]);
  });
});

describe("policies: conventions", () => {
  describe("required-tags", () => {
    table([
      {
        title: "finds a missing tag and names it",
        on: "table",
        change: (props) => {
          props.tags = { project: "shop", environment: "dev" };
        },
        finds: ["required-tags"],
        says: /tag owner of table is missing/,
      },
      {
        title: "finds that there are no tags at all",
        on: "orders",
        change: (props) => {
          delete props.tags;
        },
        finds: ["required-tags"],
        says: /project, environment, owner/,
      },
      {
        title: "counts the provider's default tags, as the JSON that Pulumi makes of them",
        on: "table",
        change: (props, resource) => {
          props.tags = { owner: "team" };
          resource.provider = { defaultTags: JSON.stringify({ tags: { project: "shop", environment: "dev" } }) };
        },
      },
      {
        title: "counts the provider's default tags, as an object",
        on: "table",
        change: (props, resource) => {
          delete props.tags;
          resource.provider = { defaultTags: { tags: { project: "a", environment: "b", owner: "c" } } };
        },
      },
      {
        title: "takes a tag whose value is not known yet",
        on: "table",
        change: (props) => {
          props.tags = { project: "shop", environment: "dev", owner: unknown };
        },
      },
      {
        title: "says nothing while the tags are not known",
        on: "table",
        change: (props) => {
          props.tags = unknown;
        },
      },
      {
        title: "says that tags are of a wrong type",
        on: "table",
        change: (props) => {
          props.tags = "project=shop";
        },
        finds: ["required-tags"],
        says: /`tags` must be an object, but is a string/,
      },
      {
        title: "asks for the tags of its configuration",
        on: "table",
        change: () => {},
        config: conventions({ "required-tags": { keys: ["costCentre"] } }),
        finds: ["required-tags"],
        says: /costCentre/,
      },
      {
        title: "leaves types without tags alone",
        on: "method",
        change: (props) => {
          delete props.tags;
        },
      },
    ]);

    it("remediates: adds what it knows, keeps what is there", () => {
      const table = { type: "aws:dynamodb/table:Table", name: "t", props: { tags: { environment: "mine" } } };
      const config = conventions({ "required-tags": { values: { owner: "team" } } });
      expect(remediate("required-tags", table, config).tags).to.deep.equal({
        environment: "mine",
        project: "shop",
        owner: "team",
      });
    });

    it("remediates nothing where the tags are not known or of a wrong type", () => {
      for (const tags of [unknown, 42]) {
        const table = { type: "aws:dynamodb/table:Table", name: "t", props: { tags } };
        expect(remediate("required-tags", table)).to.deep.equal({ tags });
      }
    });
  });

  describe("resource-names", () => {
    const named = (name: string) => check([{ type: "aws:iam/groupMembership:GroupMembership", name, props: {} }]);
    for (const name of ["a", "orders-2", "device-log-failures-queue"]) {
      it(`takes ${name}`, () => expect(named(name)).to.deep.equal([]));
    }
    for (const name of ["Orders", "orders_failed", "-orders", "orders--failed", "2orders", "a".repeat(57)]) {
      it(`finds ${name}`, () => expect(named(name).map(({ policy }) => policy)).to.deep.equal(["resource-names"]));
    }
    it("leaves Pulumi's own resources alone", () => {
      expect(check([{ type: "pulumi:providers:aws", name: "default_7_48_0", props: {} }])).to.deep.equal([]);
    });
    table([
      {
        title: "takes the pattern of its configuration",
        on: "table",
        change: () => {},
        config: conventions({ "resource-names": { pattern: "^shop-" } }),
        finds: ["resource-names"],
        says: /"table" does not match \^shop-/,
      },
    ]);
  });

  describe("descriptions", () => {
    table([
      ...["worker", "rule", "role", "key", "api"].map((on) => ({
        title: `finds that ${on} has none`,
        on,
        change: (props: { description?: string }) => {
          delete props.description;
        },
        finds: ["descriptions"],
      })),
      {
        title: "finds that an alarm has none",
        on: "failures-alarm",
        change: (props) => {
          props.alarmDescription = "  ";
        },
        finds: ["descriptions"],
        says: /alarmDescription/,
      },
      {
        title: "finds the one that Pulumi puts in",
        on: "key",
        change: (props) => {
          props.description = "Managed by Pulumi";
        },
        finds: ["descriptions"],
      },
      {
        title: "takes one that is not known yet",
        on: "failures-alarm",
        change: (props) => {
          props.alarmDescription = unknown;
        },
      },
      {
        title: "asks for the properties of its configuration",
        on: "table",
        change: () => {},
        config: conventions({ descriptions: { properties: { "aws:dynamodb/table:Table": "comment" } } }),
        finds: ["descriptions"],
      },
    ]);
  });
});

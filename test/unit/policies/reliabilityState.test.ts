import { type TestResource, unknown } from "./support";
import { type Row, set, table, tags } from "./table";

describe("policies: what must last", () => {
  describe("stateful-protection", () => {
    const policy = "stateful-protection";
    const inStack = (
      stack: string,
      title: string,
      change: (resource: TestResource) => void,
      finds: string[],
      entries?: object,
    ): Row => ({
      title,
      on: "table",
      stack,
      change: (_props, resource) => change(resource),
      finds,
      ...(entries && { config: { "thingstack-reliability": { [policy]: entries } } }),
    });
    const unprotect = (resource: TestResource) => {
      resource.opts = {};
    };
    table([
      inStack("prod", "finds a table that is not protected", unprotect, [policy]),
      inStack("prod-eu", "knows a protected stack by its beginning", unprotect, [policy]),
      inStack("dev", "leaves other stacks alone", unprotect, []),
      inStack("live", "takes the stacks of its configuration", unprotect, [policy], { protectedStacks: ["live"] }),
      inStack("prod", "takes the types of its configuration", unprotect, [], { stateful: ["aws:s3/bucket:Bucket"] }),
      inStack("prod", "finds forceDestroy", (resource) => Object.assign(resource.props, { forceDestroy: true }), [
        policy,
      ]),
    ]);
  });

  describe("reserved-concurrency", () => {
    const policy = "reserved-concurrency";
    const reason = (value: unknown) => ({
      reservedConcurrentExecutions: undefined,
      tags: { ...tags, "thingstack:because/reserved-concurrency": value },
    });
    table([
      set("worker", "finds none", { reservedConcurrentExecutions: undefined }, [policy]),
      set("worker", "finds AWS's word for none", { reservedConcurrentExecutions: -1 }, [policy]),
      set("worker", "takes 0, which stops the function", { reservedConcurrentExecutions: 0 }),
      set("worker", "takes one that is not known yet", { reservedConcurrentExecutions: unknown }),
      set("worker", "takes a reason", reason("called once a day at most")),
      set("worker", "takes a reason that is not known yet", reason(unknown)),
      set("worker", "refuses a reason that is none", reason("not needed"), [policy]),
      set("worker", "says that a reason is of a wrong type", reason(4), [policy], /must be a string, but is a number/),
    ]);
  });

  describe("account-singletons", () => {
    const policy = "account-singletons";
    const indexing = (name: string, props: object = {}): TestResource => ({
      type: "aws:iot/indexingConfiguration:IndexingConfiguration",
      name,
      props,
    });
    const second = (title: string, resource: TestResource, finds: string[]): Row => ({
      title,
      on: "indexing",
      change: (_props, _resource, stack) => {
        stack.push(resource);
      },
      finds,
    });
    table([
      second("finds a second owner in the stack", indexing("other"), [`${policy} on other`]),
      second("takes one in another region", indexing("other", { region: "us-east-1" }), []),
      {
        ...set(
          "indexing",
          "finds a stack that is not among the owners",
          {},
          [policy],
          /shop\/dev is not among its owners \(shop\/account\)/,
        ),
        config: { "thingstack-reliability": { [policy]: { owners: ["shop/account"] } } },
      },
      {
        ...set("indexing", "takes an owner of its configuration", {}),
        config: { "thingstack-reliability": { [policy]: { owners: ["*/account", "shop/*"] } } },
      },
    ]);
  });
});

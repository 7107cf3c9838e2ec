import { expect } from "chai";
import { remediate, unknown } from "./support";
import { remove, table } from "./table";

const conventions = (entries: object) => ({ "thingstack-conventions": { ...entries } });

describe("policies: conventions of functions and logs", () => {
  describe("log-retention", () => {
    const retention = (title: string, days: unknown, finds: string[], says?: RegExp, entries?: object) => ({
      title,
      on: "logs",
      change: (props: { retentionInDays?: unknown }) => {
        props.retentionInDays = days;
      },
      finds,
      says,
      ...(entries && { config: conventions({ "log-retention": entries }) }),
    });
    table([
      retention("finds that none is set", undefined, ["log-retention"], /for ever/),
      retention("finds 0, AWS's word for ever", 0, ["log-retention"], /for ever/),
      retention("takes 1", 1, []),
      retention("finds less than its configuration asks for", 7, ["log-retention"], /7 days; at least 30/, {
        minimumDays: 30,
      }),
      retention("finds more than its configuration allows", 400, ["log-retention"], /at most 365/, {
        maximumDays: 365,
      }),
      retention("says nothing while it is not known", unknown, []),
      retention("says that it is of a wrong type", "a month", ["log-retention"], /must be a number, but is a string/),
      retention("can be disabled", 0, [], undefined, { enforcementLevel: "disabled" }),
    ]);

    it("remediates a missing one, and no other", () => {
      const logs = (props: object) => ({ type: "aws:cloudwatch/logGroup:LogGroup", name: "logs", props });
      const config = conventions({ "log-retention": { days: 14 } });
      expect(remediate("log-retention", logs({}), config)).to.deep.equal({ retentionInDays: 14 });
      expect(remediate("log-retention", logs({ retentionInDays: 0 }), config)).to.deep.equal({ retentionInDays: 14 });
      expect(remediate("log-retention", logs({ retentionInDays: 3 }), config)).to.deep.equal({ retentionInDays: 3 });
    });
  });

  describe("lambda-log-group", () => {
    table([
      {
        title: "finds that the log group is not in the stack",
        on: "logs",
        change: (_props, _resource, stack) => remove(stack, "logs"),
        finds: ["lambda-log-group on worker"],
      },
      {
        title: "finds that the function says none",
        on: "worker",
        change: (props) => {
          props.loggingConfig = { logFormat: "JSON" };
        },
        finds: ["lambda-log-group"],
      },
      {
        title: "takes the log group that Lambda would make, if it is declared",
        on: "logs",
        change: (props, _resource, stack) => {
          props.name = "/aws/lambda/worker";
          stack.find(({ name }) => name === "worker")!.props.loggingConfig = { logFormat: "JSON" };
        },
      },
      {
        title: "takes one whose name is not known yet, by what it was made from",
        on: "worker",
        change: (props) => {
          props.loggingConfig = { logFormat: "JSON", logGroup: unknown };
        },
      },
    ]);
  });

  describe("lambda-runtime", () => {
    const runtime = (title: string, change: object, finds: string[], says?: RegExp, entries?: object) => ({
      title,
      on: "worker",
      change: (props: object) => {
        Object.assign(props, change);
      },
      finds,
      says,
      ...(entries && { config: conventions({ "lambda-runtime": entries }) }),
    });
    table([
      runtime("finds a deprecated runtime", { runtime: "nodejs16.x" }, ["lambda-runtime"], /nodejs16\.x; agreed on/),
      runtime("finds a missing runtime", { runtime: undefined }, ["lambda-runtime"], /has no runtime/),
      runtime("takes an image without one", { runtime: undefined, packageType: "Image" }, []),
      runtime("finds an architecture not agreed on", { architectures: ["x86_64"] }, ["lambda-runtime"], /x86_64/, {
        architectures: ["arm64"],
      }),
      runtime(
        "counts a function without architecture as x86_64",
        { architectures: undefined },
        ["lambda-runtime"],
        /x86_64/,
        {
          architectures: ["arm64"],
        },
      ),
      runtime(
        "takes the runtimes of its configuration",
        { runtime: "nodejs22.x" },
        ["lambda-runtime"],
        /agreed on: nodejs24\.x/,
        {
          runtimes: ["nodejs24.x"],
        },
      ),
      runtime("says nothing while it is not known", { runtime: unknown }, []),
      runtime(
        "says that it is of a wrong type",
        { runtime: ["nodejs24.x"] },
        ["lambda-runtime"],
        /must be a string, but is a list/,
      ),
    ]);
  });

  describe("lambda-json-logs", () => {
    table([
      {
        title: "finds the text format",
        on: "worker",
        change: (props) => {
          props.loggingConfig.logFormat = "Text";
        },
        finds: ["lambda-json-logs"],
      },
      {
        title: "finds that no format is set",
        on: "worker",
        change: (props) => {
          delete props.loggingConfig.logFormat;
        },
        finds: ["lambda-json-logs"],
        says: /format Text/,
      },
      {
        title: "says nothing while it is not known",
        on: "worker",
        change: (props) => {
          props.loggingConfig.logFormat = unknown;
        },
      },
    ]);
  });
});

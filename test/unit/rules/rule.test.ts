import { expect } from "chai";
import { InvalidRuleError } from "../../../sandbox/rules/errors";
import { SqlParseError } from "../../../sandbox/rules/sql/parse";
import { createEngine, ROLE, rulePayload } from "./ruleHelp";

const lambda = { functionArn: "arn:aws:lambda:x" };
const sqs = { queueUrl: "http://x", roleArn: ROLE };

describe("creating a rule", () => {
  const refused: [what: string, payload: object, reason: string | RegExp][] = [
    ["no sql", rulePayload(undefined as never, []), "sql is missing"],
    ["no version", { sql: "SELECT * FROM 'a'", actions: [] }, "missing, which means 2015-10-08"],
    ["an old version", rulePayload("SELECT * FROM 'a'", [], { awsIotSqlVersion: "2015-10-08" }), "is 2015-10-08"],
    ["no actions", { ...rulePayload("SELECT * FROM 'a'", []), actions: undefined }, "actions is missing"],
    ["eleven actions", rulePayload("SELECT * FROM 'a'", Array(11).fill({ lambda })), "at most 10"],
    ["no kind of action", rulePayload("SELECT * FROM 'a'", [{ lambda }, {}]), "actions[1] must have exactly one kind"],
    ["two kinds at once", rulePayload("SELECT * FROM 'a'", [{ lambda, sqs }]), "actions[0] must have exactly one kind"],
    [
      "timestream",
      rulePayload("SELECT * FROM 'a'", [{ timestream: {} }]),
      "actions[0]: the action timestream is not implemented",
    ],
    [
      "a name every object has",
      rulePayload("SELECT * FROM 'a'", [{ constructor: {} }]),
      "the action constructor is not",
    ],
    [
      "an error action of an unknown kind",
      rulePayload("SELECT * FROM 'a'", [], { errorAction: { timestream: {} } }),
      "errorAction: the action timestream is not implemented",
    ],
    ["no function", rulePayload("SELECT * FROM 'a'", [{ lambda: {} }]), "actions[0].lambda.functionArn is missing"],
    [
      "a property that nobody knows",
      rulePayload("SELECT * FROM 'a'", [{ republish: { topic: "b", roleArn: ROLE, headers: {} } }]),
      "actions[0].republish.headers is not implemented",
    ],
    [
      "a role that is none",
      rulePayload("SELECT * FROM 'a'", [{ sqs: { ...sqs, roleArn: "admin" } }]),
      'actions[0].sqs.roleArn is no ARN of a role: "admin"',
    ],
    [
      "QoS 2",
      rulePayload("SELECT * FROM 'a'", [{ republish: { topic: "b", roleArn: ROLE, qos: 2 } }]),
      "actions[0].republish.qos is 2, but must be 0 or 1",
    ],
    [
      "a format SNS has not",
      rulePayload("SELECT * FROM 'a'", [{ sns: { targetArn: "x", roleArn: ROLE, messageFormat: "XML" } }]),
      'messageFormat is "XML", but must be RAW or JSON',
    ],
    [
      "useBase64 as a word",
      rulePayload("SELECT * FROM 'a'", [{ sqs: { ...sqs, useBase64: "yes" } }]),
      "actions[0].sqs.useBase64 must be true or false",
    ],
    [
      "half a range key",
      rulePayload("SELECT * FROM 'a'", [
        { dynamoDB: { tableName: "t", hashKeyField: "a", hashKeyValue: "b", rangeKeyValue: "c", roleArn: ROLE } },
      ]),
      "actions[0].dynamoDB.rangeKeyField is missing",
    ],
    [
      "a loop",
      rulePayload("SELECT * FROM 'a/#'", [{ republish: { topic: "a/${b}", roleArn: ROLE } }]),
      "Republish topic cannot be within topic space of rule's topic pattern 'a/#'",
    ],
    [
      "a loop through a reserved topic",
      rulePayload("SELECT * FROM '$aws/things/#'", [{ republish: { topic: "$$aws/things/x", roleArn: ROLE } }]),
      "Republish topic cannot be within topic space",
    ],
  ];
  for (const [what, payload, reason] of refused) {
    it(`is refused with ${what}`, () => {
      const engine = createEngine();
      expect(() => engine.put("r", payload as never)).to.throw(InvalidRuleError, reason);
      expect(engine.list(), "nothing half-created").to.deep.equal([]);
    });
  }

  const unparsed: [what: string, payload: object, line: number, column: number, reason: string][] = [
    ["bad SQL", rulePayload("SELECT *\nFORM 'a'", []), 2, 1, 'found "FORM"'],
    ["a bad filter", rulePayload("SELECT * FROM 'a/#/b'", []), 1, 15, "# stands only at the end of a topic filter"],
    ["a missing function", rulePayload("SELECT get_secret('a') FROM 'a'", []), 1, 8, "get_secret() is not implemented"],
    [
      "a bad template",
      rulePayload("SELECT * FROM 'a'", [{ lambda: { functionArn: "x${topic(}" } }]),
      1,
      10,
      "actions[0].lambda.functionArn: Expected",
    ],
  ];
  for (const [what, payload, line, column, reason] of unparsed) {
    it(`is refused with ${what}, and says where`, () => {
      try {
        createEngine().put("r", payload as never);
        expect.fail("nothing was thrown");
      } catch (error) {
        expect(error).to.be.instanceOf(SqlParseError).and.include({ line, column });
        expect((error as Error).message).to.contain(reason);
      }
    });
  }

  it("warns once of each thing that is not as on AWS, in templates too", () => {
    const action = { sqs: { queueUrl: "http://x/${principal()}", roleArn: ROLE } };
    const sql = "SELECT clientid(), clientid() AS again FROM 'a'";
    const { warnings } = createEngine().put("r", rulePayload(sql, [action]));
    expect(warnings.map((warning) => warning.split(" ")[0])).to.deep.equal(["clientid()", "principal()"]);
  });
});

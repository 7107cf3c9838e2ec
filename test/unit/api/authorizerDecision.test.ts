import { expect } from "chai";
import { decide } from "../../../functions/signIn/authorizerDecision";

const base = "arn:aws:execute-api:eu-central-1:123456789012:abcdef/live";
const adminOnly = ["POST /releases", "GET /releases"];

function ask(groups: string[], route: string, thingName?: string, path = route.split(" ")[1]!) {
  const [httpMethod, resource] = route.split(" ") as [string, string];
  const asked: string[] = [];
  const event = {
    httpMethod,
    resource,
    methodArn: `${base}/${httpMethod}${path.replace("{thingName}", thingName ?? "")}`,
    pathParameters: thingName === undefined ? null : { thingName },
  };
  const owns = async (sub: string, name: string) => {
    asked.push(`${sub} ${name}`);
    return ["mine", "of:mine"].includes(name);
  };
  return decide(event, { sub: "sub-1", username: "me@example.com", groups }, { adminOnly, owns }).then((answer) => ({
    answer,
    asked,
    statement: answer.policyDocument.Statement[0] as { Effect: string; Resource: string },
  }));
}

describe("the authorizer's decision", () => {
  const thing = "GET /things/{thingName}";
  const cases: [who: string[], route: string, thing: string | undefined, "Allow" | "Deny"][] = [
    [["admin"], "GET /things", undefined, "Allow"],
    [["admin"], "POST /releases", undefined, "Allow"],
    [["admin"], thing, "theirs", "Allow"],
    [["admin", "user"], thing, "theirs", "Allow"],
    [["user"], "GET /whoami", undefined, "Allow"],
    [["user"], "GET /things", undefined, "Allow"],
    [["user"], thing, "mine", "Allow"],
    [["user"], "PATCH /things/{thingName}/desired", "mine", "Allow"],
    [["user"], thing, "of%3Amine", "Allow"],
    [["user"], thing, "theirs", "Deny"],
    [["user"], thing, "unknown", "Deny"],
    [["user"], thing, "mine%2F..%2Ftheirs", "Deny"],
    [["user"], thing, "%zz", "Deny"],
    [["user"], thing, "", "Deny"],
    [["user"], thing, "a".repeat(129), "Deny"],
    [["user"], "PATCH /things/{thingName}/desired", "theirs", "Deny"],
    [["user"], "POST /releases", undefined, "Deny"],
    [["user"], "GET /releases", undefined, "Deny"],
    [[], "GET /whoami", undefined, "Deny"],
    [[], thing, "mine", "Deny"],
    [["administrators"], "GET /things", undefined, "Deny"],
  ];
  for (const [who, route, name, effect] of cases) {
    const subject = who.join(" and ") || "no group";
    it(`${effect === "Allow" ? "lets" : "does not let"} ${subject} ${route}${name === undefined ? "" : ` ${name.slice(0, 30)}`}`, async () => {
      const { statement } = await ask(who, route, name);
      expect(statement.Effect).to.equal(effect);
    });
  }

  it("allows this one request and no other, so that its answer can be cached", async () => {
    const { answer, statement } = await ask(["user"], thing, "mine");
    expect(answer.policyDocument.Statement).to.have.length(1);
    expect(statement.Resource).to.equal(`${base}/GET/things/mine`);
  });

  for (const wild of ["*", "mi?e", "mine/*"]) {
    it(`allows nobody, not even an admin, what a policy would read as a wildcard: ${wild}`, async () => {
      for (const who of ["user", "admin"]) {
        expect((await ask([who], thing, wild)).statement).to.include({ Effect: "Deny", Resource: "*" });
      }
    });
  }

  it("asks who owns a thing only where that decides", async () => {
    expect((await ask(["user"], thing, "mine")).asked).to.deep.equal(["sub-1 mine"]);
    expect((await ask(["admin"], thing, "theirs")).asked).to.deep.equal([]);
    expect((await ask(["user"], "GET /things")).asked).to.deep.equal([]);
  });

  it("tells the routes who it is", async () => {
    const { answer } = await ask(["admin", "user"], "GET /things");
    expect(answer.principalId).to.equal("sub-1");
    expect(answer.context).to.deep.equal({ sub: "sub-1", username: "me@example.com", groups: "admin,user" });
  });

  it("passes on that the table did not answer, rather than deciding", async () => {
    const event = {
      httpMethod: "GET",
      resource: "/things/{thingName}",
      methodArn: base,
      pathParameters: { thingName: "a" },
    };
    const owns = () => Promise.reject(new Error("throttled"));
    const caller = { sub: "s", username: "u", groups: ["user"] };
    const outcome = await decide(event, caller, { adminOnly, owns }).catch((error: Error) => error.message);
    expect(outcome).to.equal("throttled");
  });
});

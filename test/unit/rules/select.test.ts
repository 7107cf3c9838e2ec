import { expect } from "chai";
import { compileSelect } from "../../../sandbox/rules/sql/compile";
import { parseStatement, SqlParseError } from "../../../sandbox/rules/sql/parse";
import { compileTemplate } from "../../../sandbox/rules/template";
import { message, select } from "./sqlHelp";

const PAYLOAD = { color: { red: 255 }, temperature: 50, a: { x: 1 }, nothing: null };

describe("SELECT", () => {
  const cases: [items: string, result: unknown][] = [
    ["*", PAYLOAD],
    ["temperature", { temperature: 50 }],
    ["color.red", { red: 255 }],
    ["color.red AS value", { value: 255 }],
    ["temperature AS t.celsius.now, color.red AS t.red", { t: { celsius: { now: 50 }, red: 255 } }],
    ["*, 15 AS speed", { ...PAYLOAD, speed: 15 }],
    ["*, 1 AS temperature", { ...PAYLOAD, temperature: 1 }],
    ["*, 2 AS a.y", { ...PAYLOAD, a: { x: 1, y: 2 } }],
    ["*, 2 AS temperature.y", { ...PAYLOAD, temperature: { y: 2 } }],
    ["* AS message", { message: PAYLOAD }],
    ["color.*, a.*", { red: 255, x: 1 }],
    ["color.* AS c", { c: { red: 255 } }],
    ["missing.*, temperature.*", {}],
    ["nothing, missing", { nothing: null }],
    ["missing", {}],
    ["topic(2)", { topic: "b" }],
    ["cast(temperature AS String)", { cast: "50" }],
    ["get([{'v': 1}], 0).v", { v: 1 }],
    ["(temperature - 32) * 5 / 9 AS celsius, upper('red') AS c", { celsius: 10, c: "RED" }],
    ["VALUE color", { red: 255 }],
    ["VALUE [color.red, temperature]", [255, 50]],
    ["1 AS __proto__", JSON.parse('{"__proto__": 1}')],
  ];
  for (const [items, result] of cases) {
    it(`${items}`, () => expect(select(items, PAYLOAD)).to.deep.equal(result));
  }

  it("leaves the message as it was, for other rules read it too", () => {
    const from = message(PAYLOAD);
    const into = compileSelect(parseStatement("SELECT *, 2 AS a.y, 3 AS color.red FROM 'x'"), []);
    expect(into(from, from.json)).to.deep.include({ a: { x: 1, y: 2 }, color: { red: 3 } });
    expect(from.json).to.deep.equal(PAYLOAD);
  });

  it("copies keys of any name", () => {
    const payload = Buffer.from('{"a": {"__proto__": {"x": 1}, "b": 2}}');
    expect(JSON.stringify(select("a.*, 3 AS c", payload))).to.equal('{"__proto__":{"x":1},"b":2,"c":3}');
  });

  it("takes no keys from a payload that is no JSON object, and goes on", () => {
    expect(select("*, topic(1) AS t", Buffer.from([0xff]))).to.deep.equal({ t: "a" });
    expect(select("*, topic(1) AS t", [1, 2])).to.deep.equal({ t: "a" });
  });

  for (const items of ["1", "a.x + 1", "'text'", "[1]", "(SELECT v FROM e)", "a.x, CASE a.x WHEN 1 THEN 2 END"]) {
    it(`${items} needs a name`, () => {
      const statement = parseStatement(`SELECT ${items} FROM 'x'`);
      expect(() => compileSelect(statement, [])).to.throw(SqlParseError, "needs a name: add AS name");
    });
  }
});

describe("substitution templates", () => {
  const cases: [template: string, filled: string][] = [
    ["", ""],
    ["no template", "no template"],
    ["${topic()}/told", "a/b/c/told"],
    ["${topic(1)}-${temperature * 2}-${color.red}", "a-100-255"],
    ["<${missing}>", "<>"],
    ["<${nothing}>", "<null>"],
    ["${color}", '{"red":255}'],
    ["$$aws/things/${topic(2)}/shadow", "$$aws/things/b/shadow"],
    ["${replace(topic(), '/', '-') + '-' + timestamp()}", "a-b-c-1481825251155"],
    ["${'}'}", "}"],
  ];
  for (const [template, filled] of cases) {
    it(JSON.stringify(template), () => expect(compileTemplate(template, [])(message(PAYLOAD))).to.equal(filled));
  }

  it("sees the payload, not what SELECT made of it, also when that is no JSON", () => {
    expect(compileTemplate("${a}|${topic(1)}", [])(message(Buffer.from("plain")))).to.equal("|a");
  });
});

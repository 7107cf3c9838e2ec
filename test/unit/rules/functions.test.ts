import { expect } from "chai";
import { compileExpression } from "../../../sandbox/rules/sql/compile";
import { parseExpression, SqlParseError } from "../../../sandbox/rules/sql/parse";
import type { Value } from "../../../sandbox/rules/sql/values";
import { evaluate, UNDEFINED } from "./sqlHelp";

const PAYLOAD = { s: "text", nothing: null, list: ["a", "b"], object: { "my-key": 1, a: 2 }, f: { toString: 3 } };

type Cases = [sql: string, value: Value][];

describe("functions of AWS IoT SQL", () => {
  const tables: Record<string, Cases> = {
    "the message and the world": [
      ["topic()", "a/b/c"],
      ["topic(1)", "a"],
      ["topic('3')", "c"],
      ["topic(0)", UNDEFINED],
      ["topic(4)", UNDEFINED],
      ["topic(s)", UNDEFINED],
      ["timestamp()", 1481825251155],
      ["TIMESTAMP() - timestamp()", 0],
      ["[newuuid(), newuuid()]", ["uuid-1", "uuid-2"]],
      ["traceid() = traceid()", true],
      ["accountid()", "123456789012"],
      ["clientid()", "n/a"],
      ["principal()", UNDEFINED],
      ["sourceip()", UNDEFINED],
      ["sql_version()", "2016-03-23"],
      ["rand()", 0.25],
    ],
    "null, undefined and defaults": [
      ["isNull(nothing)", true],
      ["isNull(missing)", false],
      ["isUndefined(missing)", true],
      ["isUndefined(nothing)", false],
      ["isUndefined(floor([1,2,3]))", true],
      ["nanvl(8, 3)", 8],
      ["nanvl(missing, 3)", 3],
      ["nanvl(nothing, 3)", 3],
      ["get_or_default(missing, 'x')", "x"],
      ["get_or_default(s, 'x')", "text"],
    ],
    "parts of values": [
      ["get(list, 1)", "b"],
      ["get(list, '0')", "a"],
      ["get(list, 2)", UNDEFINED],
      ["get(list, -1)", UNDEFINED],
      ["get(list, 'length')", UNDEFINED],
      ["get('abc', 1)", "b"],
      ["get(object, 'my-key')", 1],
      ["get(object, 'constructor')", UNDEFINED],
      ["get(f, 'toString')", 3],
      ["get(5, 0)", UNDEFINED],
      [
        "transform('enrichArray', {'x': 1}, [{'a': 1}, {'b': 2}])",
        [
          { a: 1, x: 1 },
          { b: 2, x: 1 },
        ],
      ],
      ["transform('other', {'x': 1}, [{'a': 1}])", UNDEFINED],
      ["transform('enrichArray', {'x': 1}, [1])", UNDEFINED],
    ],
    "concat, which joins strings or arrays": [
      ["concat()", UNDEFINED],
      ["concat(1, 'hello')", "1hello"],
      ["concat('he', 'is', 'man')", "heisman"],
      ["concat([1, 2, 3], 4)", [1, 2, 3, 4]],
      ["concat([1, 2, 3], 'hello', [4, 5, 6])", [1, 2, 3, "hello", 4, 5, 6]],
      ["concat(1, 2)", UNDEFINED],
      ["concat('a', nothing)", UNDEFINED],
    ],
    strings: [
      ["lower('HELLO')", "hello"],
      ["upper(['hello'])", '["HELLO"]'],
      ["length('hi')", 2],
      ["length(false)", 5],
      ["numbytes('€')", 3],
      ["trim(' h i ')", "h i"],
      ["Ltrim(' h i ')", "h i "],
      ["rtrim(' h i ')", " h i"],
      ["lpad('hello', 2)", "  hello"],
      ["lpad(1, 3)", "   1"],
      ["rpad('x', -1)", "x"],
      ["length(rpad('', 5000))", 1000],
      ["lpad('x', s)", UNDEFINED],
      ["startswith('ranger', 'ran')", true],
      ["endswith('cat', 'at')", true],
      ["endswith('cat', nothing)", UNDEFINED],
      ["indexof('abcd', 'bc')", 1],
      ["indexof('abcd', 'x')", -1],
      ["replace('abcbc', 'bc', '$&')", "a$&$&"],
      ["chr(65)", "A"],
      ["chr(65.7)", "A"],
      ["chr(200)", UNDEFINED],
      ["substring('012345', 2)", "2345"],
      ["substring('012345', 2.745)", "2345"],
      ["substring(123, 2)", "3"],
      ["substring('012345', -1)", "012345"],
      ["substring(true, 1.2)", "rue"],
      ["substring(false, -2.411E247)", "false"],
      ["substring('012345', 1, 3)", "12"],
      ["substring('012345', -50, 50)", "012345"],
      ["substring('012345', 3, 1)", ""],
      ["substring(nothing, 1)", UNDEFINED],
    ],
    "regular expressions": [
      ["regexp_matches('aaaa', 'a{2,}')", true],
      ["regexp_matches('aaaa', 'b')", false],
      ["regexp_matches('AbC', '(?i)abc')", true],
      ["regexp_matches(22, '^2')", true],
      ["regexp_matches('x', '(')", UNDEFINED],
      ["regexp_matches(nothing, 'x')", UNDEFINED],
      ["regexp_substr('hihihello', 'hi')", "hi"],
      ["regexp_substr('hihihello', '(hi)*')", "hihi"],
      ["regexp_substr('abc', 'x')", UNDEFINED],
      ["regexp_replace('abcd', 'bc', 'x')", "axd"],
      ["regexp_replace('abcd', 'b(.*)d', '$1')", "ac"],
      ["regexp_replace('aXbX', 'X', '-$2$&')", "a-$&b-$&"],
      ["regexp_replace('a', '(', 'x')", UNDEFINED],
    ],
    numbers: [
      ["abs(-5)", 5],
      ["abs('-5.123')", 5.123],
      ["abs(true)", UNDEFINED],
      ["ceil(-1.2)", -1],
      ["floor(-1.2)", -2],
      ["round(1.5)", 2],
      ["round(-1.5)", -2],
      ["round(-1.1)", -1],
      ["trunc(2.3123, 2)", 2.31],
      ["trunc(2.888, 2)", 2.88],
      ["trunc(0.29, 2)", 0.29],
      ["trunc(-2.9, 0)", -2],
      ["trunc(2.9, -3)", 2],
      ["trunc(0.0000001, 3)", 0],
      ["trunc(0.0000001, 7)", 1e-7],
      ["mod(8, 3)", 2],
      ["remainder(-8, 3)", -2],
      ["mod(8, 0)", UNDEFINED],
      ["power(2, 5)", 32],
      ["sqrt(9)", 3],
      ["sqrt(-1)", UNDEFINED],
      ["log(100)", 2],
      ["ln(0)", UNDEFINED],
      ["exp(0)", 1],
      ["sign(-7)", -1],
      ["acos(0)", 1.5707963267948966],
      ["acos(2)", UNDEFINED],
      ["atan2(1, 0)", 1.5707963267948966],
      ["sinh(2.3)", 4.936961805545957],
      ["bitand(13, 5)", 5],
      ["bitor(8, 5)", 13],
      ["bitxor(13, 5)", 8],
      ["bitnot(13)", -14],
      ["bitand(4294967297, 4294967296)", 4294967296],
      ["bitor(5.9, '8')", 13],
      ["bitor(s, 1)", UNDEFINED],
    ],
    hashes: [
      ["md5('hello')", "5d41402abc4b2a76b9719d911017c592"],
      ["sha1('hello')", "aaf4c61ddcc5e8a2dabede0f3b482cd9aea9434d"],
      ["sha224('')", "d14a028c2a3a2bc9476102bb288234c415a2b01f828ea62ac5b3e42f"],
      ["sha256(5)", "ef2d127de37b942baad06145e54b0c619a1f22327b2ebbcfbec78f5564afe39d"],
      ["length(sha384('x')) + length(sha512('x'))", 224],
      ["md5(nothing)", UNDEFINED],
    ],
    "encode and decode": [
      ["encode(s, 'base64')", "dGV4dA=="],
      ["encode(nothing, 'base64')", UNDEFINED],
      ["encode(s, 'hex')", UNDEFINED],
      ["decode('dGV4dA==', 'base64')", "text"],
      ["decode('eyAidGVtcGVyYXR1cmUiOiAzMyB9Cg==', 'base64').temperature", 33],
      ["decode('not base64!', 'base64')", null],
      ["decode(missing, 'base64')", UNDEFINED],
    ],
    parse_time: [
      ["parse_time('yyyy-MM-dd', timestamp())", "2016-12-15"],
      ["parse_time(\"yyyy-MM-dd'T'HH:mm:ss.S'Z'\", timestamp())", "2016-12-15T18:07:31.1Z"],
      ["parse_time('yy/M/d H:m:s.SSS', 1481825251155)", "16/12/15 18:7:31.155"],
      ["parse_time(\"yyyy.MM.dd G 'at' HH:mm:ss z\", 100000000, 'America/Belize' )", "1970.01.01 AD at 21:46:40 CST"],
      ["parse_time('EEEE, d MMMM yyyy h:mm a', 0)", "Thursday, 1 January 1970 12:00 AM"],
      ["parse_time('EEE MMM Z', 0, 'Asia/Kolkata')", "Thu Jan +0530"],
      ["parse_time('ZZ', 0, 'UTC')", "+00:00"],
      ["parse_time(\"HH 'o''clock'\", 0)", "00 o'clock"],
      ["parse_time('w', 0)", UNDEFINED],
      ["parse_time('yyyy', s)", UNDEFINED],
      ["parse_time('yyyy', 0, 'Moon/Crater')", UNDEFINED],
    ],
  };
  for (const [title, cases] of Object.entries(tables)) {
    describe(title, () => {
      for (const [sql, value] of cases) {
        it(`${sql} is ${value === UNDEFINED ? "Undefined" : JSON.stringify(value)}`, () => {
          expect(evaluate(sql, PAYLOAD)).to.deep.equal(value);
        });
      }
    });
  }

  it("encodes the payload's own bytes, also those that are no text", () => {
    expect(evaluate("encode(*, 'base64')", Buffer.from([0xff, 0x00]))).to.equal("/wA=");
    expect(evaluate("decode(encode(*, 'base64'), 'base64') > 50", Buffer.from("80"))).to.equal(true);
    expect(evaluate("encode(*, 'hex')", {})).to.equal(UNDEFINED);
    expect(evaluate("length(*)", { a: 1 })).to.equal(7);
  });

  const refused: [sql: string, reason: string][] = [
    ["get_thing_shadow('x', 'arn').state", "The function get_thing_shadow() is not implemented"],
    ["AWS_Lambda('arn', *)", "The function aws_lambda() is not implemented"],
    ["n > 1 AND md2('x') = 'y'", "The function md2() is not implemented"],
    ["topics()", "There is no function topics() in AWS IoT SQL"],
    ["constructor()", "There is no function constructor() in AWS IoT SQL"],
    ["cast(n AS Date)", "There is no type Date to cast to"],
    ["cast(n AS constructor)", "There is no type constructor to cast to"],
  ];
  for (const [sql, reason] of refused) {
    it(`${sql} is refused by name`, () => {
      expect(() => compileExpression(parseExpression(sql), [])).to.throw(SqlParseError, reason);
    });
  }

  const warned: [sql: string, warning: RegExp][] = [
    ["clientid()", /clientid\(\) is "n\/a" here/],
    ["upper(principal())", /principal\(\) is Undefined here/],
    ["topic(1, 2)", /topic\(\) does not take 2 arguments, so it is always Undefined/],
    ["EXISTS (SELECT * FROM e)", /AWS has been seen to refuse/],
  ];
  for (const [sql, warning] of warned) {
    it(`${sql} is taken with a warning`, () => {
      const warnings: string[] = [];
      compileExpression(parseExpression(sql), warnings);
      expect(warnings).to.have.lengthOf(1);
      expect(warnings[0]).to.match(warning);
    });
  }
});

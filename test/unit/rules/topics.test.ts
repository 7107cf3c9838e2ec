import { expect } from "chai";
import fc from "fast-check";
import { overlap, whatIsWrongWith } from "../../../sandbox/rules/topicFilter";
import { TopicTrie } from "../../../sandbox/rules/topicTrie";

/** Written from MQTT's rules and AWS's exceptions, level by level, to hold the trie against. */
function matches(filter: string, topic: string): boolean {
  if (topic.startsWith("$") && /^[+#]/.test(filter)) return false;
  const pattern = filter
    .split("/")
    .map((level) => (level === "+" ? "[^/]*" : level === "#" ? ".*" : level.replace(/[$^.*?()[\]{}|\\]/g, "\\$&")))
    .join("/");
  return new RegExp(`^${pattern}$`, "s").test(topic);
}

const level = fc.constantFrom("a", "b", "", "$aws", "a.b");
const topics = fc.array(level, { minLength: 1, maxLength: 4 }).map((levels) => levels.join("/"));
const filters = fc
  .tuple(fc.array(fc.oneof(level, fc.constant("+")), { maxLength: 3 }), fc.oneof(level, fc.constantFrom("+", "#")))
  .map(([levels, last]) => [...levels, last].join("/"));

describe("topic filters", () => {
  const wrong: [filter: string, why: RegExp][] = [
    ["", /at least one character/],
    ["a/#/b", /# stands only at the end/],
    ["#/a", /# stands only at the end/],
    ["a/b#", /stand alone between slashes/],
    ["a/+b/c", /stand alone between slashes/],
    ["x".repeat(257), /at most 256 bytes/],
    ["é".repeat(129), /at most 256 bytes/],
    ["1/2/3/4/5/6/7/8/9", /at most 7 slashes/],
    ["a\0b", /no NUL/],
    ["$aws/rules/mine/x", /for Basic Ingest/],
  ];
  for (const [filter, why] of wrong) {
    it(`${JSON.stringify(filter.slice(0, 20))} is refused`, () => expect(whatIsWrongWith(filter)).to.match(why));
  }
  for (const filter of ["#", "+", "a/#", "+/+/#", "/a", "a//b", "1/2/3/4/5/6/7/8", "x".repeat(256)]) {
    it(`${JSON.stringify(filter.slice(0, 20))} is taken`, () => expect(whatIsWrongWith(filter)).to.equal(undefined));
  }
  it("reserved topics may be longer", () => {
    expect(whatIsWrongWith("$aws/things/+/shadow/name/+/update/accepted/x")).to.equal(undefined);
  });
});

describe("the trie of topic filters", () => {
  const cases: [filter: string, topic: string, match: boolean][] = [
    ["a/#", "a/b/c", true],
    ["a/#", "a", false],
    ["a/#", "a/", true],
    ["a/+", "a/b", true],
    ["a/+", "a/b/c", false],
    ["+/+", "/a", true],
    ["#", "a", true],
    ["#", "$aws/things/x", false],
    ["+/things/x", "$aws/things/x", false],
    ["$aws/#", "$aws/things/x", true],
    ["$aws/things/+/shadow/update", "$aws/things/x/shadow/update/accepted", false],
  ];
  for (const [filter, topic, match] of cases) {
    it(`${filter} ${match ? "matches" : "does not match"} ${topic}`, () => {
      expect(found([filter], topic)).to.deep.equal(match ? [filter] : []);
      expect(matches(filter, topic), "and so says the reference").to.equal(match);
    });
  }

  function found(list: string[], topic: string, remove: string[] = []): string[] {
    const trie = new TopicTrie<string>();
    for (const filter of list) trie.add(filter, filter);
    for (const filter of remove) trie.remove(filter, filter);
    const values: string[] = [];
    trie.match(topic.split("/"), (value) => values.push(value));
    return values.sort();
  }

  it("finds what comparing with every filter finds, each once", () => {
    fc.assert(
      fc.property(fc.uniqueArray(filters, { maxLength: 8 }), topics, (list, topic) => {
        expect(found(list, topic)).to.deep.equal(list.filter((filter) => matches(filter, topic)).sort());
      }),
      { numRuns: 500 },
    );
  });

  it("forgets what is removed and nothing else", () => {
    fc.assert(
      fc.property(fc.uniqueArray(filters, { maxLength: 8 }), fc.nat(8), topics, (list, count, topic) => {
        const left = list.slice(count);
        expect(found(list, topic, list.slice(0, count))).to.deep.equal(
          left.filter((filter) => matches(filter, topic)).sort(),
        );
      }),
      { numRuns: 500 },
    );
  });
});

describe("overlap of topic filters", () => {
  const cases: [a: string, b: string, overlaps: boolean][] = [
    ["a/b", "a/b", true],
    ["a/b", "a/c", false],
    ["a/+", "+/b", true],
    ["a/#", "a", false],
    ["a/#", "+", false],
    ["#", "$aws/things/x", true],
    ["a/+/c", "a/b/d", false],
    ["a/b/#", "a/+/c/d", true],
  ];
  for (const [a, b, overlaps] of cases) {
    it(`${a} and ${b}: ${overlaps}`, () => {
      expect(overlap(a, b)).to.equal(overlaps);
      expect(overlap(b, a)).to.equal(overlaps);
    });
  }

  it("holds for any two filters that match the same topic", () => {
    fc.assert(
      fc.property(filters, filters, topics, (a, b, topic) => {
        if (matches(a, topic) && matches(b, topic)) expect(overlap(a, b)).to.equal(true);
      }),
      { numRuns: 2000 },
    );
  });
});

import { expect } from "chai";
import { matches, thing } from "./queryHelp";

describe("evaluating fleet queries", () => {
  const cooler = thing({
    thingName: "Cooler-1",
    thingId: "id-1",
    thingTypeName: "cooler",
    thingGroupNames: ["Kitchen", "cellar"],
    attributes: { model: "X2", app_version: "1.9", build: "1009000", empty: "" },
    shadow: {
      reported: {
        stats: { battery: 75.5 },
        values: [1, 2, "three"],
        nested: [{ a: 1 }],
        on: true,
        nothing: null,
        text: "Hello  Big World",
        "a.b": "dotted",
        a: { c: 5 },
      },
      desired: { setpoint: 3, on: true },
    },
    named: { apps: { reported: { "cooler-app": { build: 1_010_000 } } } },
    connectivity: { connected: false, timestamp: 1_557_651_600_000, disconnectReason: "CONNECTION_LOST" },
  });

  const yes = [
    "*",
    "thingName:*",
    "thingName:cooler-1",
    "thingName:COOLER*",
    "thingName:*-1",
    "thingName:cooler-?",
    "thingId:id-1",
    "thingTypeName:Cooler",
    "thingGroupNames:kitchen",
    "thingGroupNames:(kitchen AND cellar)",
    "thingGroupNames:c*",
    "attributes.model:x2",
    "attributes.model:*",
    "attributes.app_version:1.90",
    'attributes.app_version:"1.9"',
    "attributes.build<1010000",
    "attributes.build<=1009000",
    "attributes.build:[1009000 TO 1009000]",
    "shadow.reported.stats.battery:{70 TO 80]",
    "shadow.reported.stats.battery>75",
    "shadow.reported.stats.battery:75.5",
    "shadow.reported.values:2",
    "shadow.reported.values:three",
    "shadow.reported.values>1",
    "shadow.reported.on:true",
    "shadow.reported.text:big",
    'shadow.reported.text:"hello big"',
    "shadow.reported.text:w*d",
    "shadow.reported.a.b:dotted",
    "shadow.reported.a.c:5",
    "shadow.desired.setpoint:3",
    "shadow.delta.setpoint:3",
    "shadow.hasDelta:true",
    "shadow.name.apps.hasDelta:false",
    "shadow.name.apps.reported.cooler-app.build:1010000",
    "shadow.name.apps.reported.cooler-app.build<2000000",
    "connectivity.connected:false",
    "connectivity.timestamp:[1557651600000 TO 1557867600000]",
    "connectivity.disconnectReason:connection_lost",
    'thingTypeName:["coo" TO "cop"]',
    'attributes.model>="X2"',
    "cooler-1",
    "world",
    "1010000",
    "NOT attributes.colour:red",
    "-attributes.model:x3",
    "attributes.model:x3 OR attributes.build:1009000 shadow.hasDelta:true",
    "shadow.reported.stats.battery:{70 TO 100} (v2 OR three) NOT attributes.model:legacy",
  ];
  const no = [
    "thingName:cooler",
    "thingName:cooler-??",
    'thingName:"cooler*"',
    "attributes.Model:x2",
    "attributes.colour:*",
    "attributes.model<5",
    "attributes.build<1009000",
    "attributes.build>1009000",
    "attributes.build:{1009000 TO 1010000]",
    "attributes.build:[2 TO 1]",
    'attributes.build<"1010000" attributes.build>"2"',
    "shadow.reported.stats.battery:75",
    "shadow.reported.values:four",
    "shadow.reported.nested.a:1",
    "shadow.reported.nested:*",
    "shadow.reported.nothing:*",
    "shadow.reported.stats:*",
    'shadow.reported.text:"big hello"',
    "shadow.delta.on:true",
    "shadow.hasDelta:false",
    "shadow.name.apps.reported.cooler-app.build<1010000",
    "connectivity.connected:true",
    "NOT thingName:cooler-1",
    "attributes.model:x2 AND attributes.model:x3",
    "connection_lost",
    "thingName:a OR thingName:b",
  ];
  for (const query of yes) it(`matches ${query}`, () => expect(matches(query, cooler)).to.equal(true));
  for (const query of no) it(`does not match ${query}`, () => expect(matches(query, cooler)).to.equal(false));

  describe("compares versions in attributes as AWS does", () => {
    const cases: [version: string, query: string, expected: boolean][] = [
      ["1.9", "attributes.v<2.0", true],
      ["1.10", "attributes.v<1.9", true],
      ["1.10", "attributes.v:1.1", true],
      ["2", "attributes.v:2.0", true],
      ["1e3", "attributes.v:1000", true],
      ["-5", "attributes.v<-4.5", true],
      ["1.2.3", "attributes.v<2", false],
      ["1.2.3", "attributes.v>0", false],
      ["v2", "attributes.v>0", false],
      ["007", "attributes.v>0", false],
      ["007", "attributes.v:7", false],
      ["1.", "attributes.v>0", false],
      ["+1", "attributes.v>0", false],
      ["0x10", "attributes.v>0", false],
      ["", "attributes.v>=0", false],
      ["1.2.3", 'attributes.v<"1.3"', true],
      ["1.10.0", 'attributes.v<"1.9.0"', true],
    ];
    for (const [v, query, expected] of cases) {
      it(`${JSON.stringify(v)} ${expected ? "matches" : "does not match"} ${query}`, () =>
        expect(matches(query, thing({ attributes: { v } }))).to.equal(expected));
    }
  });

  it("knows no difference between no shadow and a field that is missing", () => {
    expect(matches("shadow.reported.x:1", thing())).to.equal(false);
    expect(matches("NOT shadow.reported.x:1", thing())).to.equal(true);
    expect(matches("shadow.hasDelta:false", thing())).to.equal(false);
  });

  describe("finds the delta", () => {
    const cases: [desired: object, reported: object | undefined, hasDelta: boolean][] = [
      [{ a: 1 }, undefined, true],
      [{ a: 1 }, { a: 1, b: 2 }, false],
      [{ a: { b: 1 } }, { a: { b: 1, c: 2 } }, false],
      [{ a: { b: 2 } }, { a: { b: 1 } }, true],
      [{ a: [1, { b: 2 }] }, { a: [1, { b: 2 }] }, false],
      [{ a: [1] }, { a: [1, 2] }, true],
      [{ a: [{ b: 1 }] }, { a: [{ b: 1, c: 1 }] }, true],
      [{}, { a: 1 }, false],
    ];
    for (const [desired, reported, hasDelta] of cases) {
      it(`of ${JSON.stringify(desired)} and ${JSON.stringify(reported)}: ${hasDelta}`, () => {
        const state = { desired, reported } as { desired: Record<string, never>; reported?: Record<string, never> };
        expect(matches(`shadow.hasDelta:${hasDelta}`, thing({ shadow: state }))).to.equal(true);
      });
    }
  });
});

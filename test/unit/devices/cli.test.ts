import { writeFileSync } from "node:fs";
import { expect } from "chai";
import { type Command, readCommand } from "../../../devices/cli/commands";
import { type CliOptions, readOptions, UsageError } from "../../../devices/cli/options";
import { temporaryFolder } from "./temporaryFolder";

describe("devices: command line", () => {
  const folder = temporaryFolder();
  const outputs = {
    pid: 1,
    mqtt: { host: "127.0.0.1", port: 18883, caPath: "/run/ca.pem" },
    devices: [
      { thingName: "door", certificatePath: "/run/door.pem", keyPath: "/run/door.key" },
      { thingName: "lamp", certificatePath: "/run/lamp.pem", keyPath: "/run/lamp.key" },
    ],
  };
  before(() => {
    writeFileSync(`${folder()}/outputs.json`, JSON.stringify(outputs));
    writeFileSync(`${folder()}/broken.json`, "{");
    writeFileSync(`${folder()}/empty.json`, "{}");
  });
  const read = (line: string) => readOptions(line.split(" ").filter(Boolean), folder());

  const good: readonly [line: string, options: CliOptions | undefined][] = [
    [
      "--thing lamp --outputs outputs.json",
      {
        thingName: "lamp",
        shadowName: undefined,
        ...outputs.mqtt,
        certificatePath: "/run/lamp.pem",
        keyPath: "/run/lamp.key",
      },
    ],
    [
      "--thing lamp --endpoint a.example.com --cert c --key k --shadow apps",
      {
        thingName: "lamp",
        shadowName: "apps",
        host: "a.example.com",
        certificatePath: "c",
        keyPath: "k",
        caPath: undefined,
      },
    ],
    [
      "--thing lamp --endpoint 127.0.0.1:8883 --cert c --key k --ca ca",
      {
        thingName: "lamp",
        shadowName: undefined,
        host: "127.0.0.1",
        port: 8883,
        certificatePath: "c",
        keyPath: "k",
        caPath: "ca",
      },
    ],
    ["--help", undefined],
  ];
  it("keeps what waits beside the apps, or where it is told to", () => {
    const queueOf = (line: string) => read(`--thing lamp --outputs outputs.json ${line}`)?.queueFolder;
    expect(queueOf("")).to.equal(undefined);
    expect(queueOf("--apps lamp-1")).to.equal(`${folder()}/lamp-1`);
    expect(queueOf("--apps lamp-1 --queue waiting")).to.equal(`${folder()}/waiting`);
    expect(queueOf("--queue waiting")).to.equal(`${folder()}/waiting`);
  });

  for (const [line, options] of good) it(line, () => expect(read(line)).to.deep.equal(options));

  const bad: readonly [line: string, message: RegExp][] = [
    ["", /--thing is missing/],
    ["--thing", /argument missing/],
    ["--thing lamp --verbose", /--verbose/],
    ["--thing lamp extra", /extra/],
    ["--thing lamp", /outputs\.json does not exist: run npm start/],
    ["--thing lamp --outputs nowhere.json", /nowhere\.json does not exist/],
    ["--thing lamp --outputs broken.json", /is not JSON/],
    ["--thing lamp --outputs empty.json", /has no mqtt and devices/],
    ["--thing lamps --outputs outputs.json", /knows no device lamps; it has door, lamp/],
    ["--thing lamp --endpoint h --outputs outputs.json --cert c --key k", /exclude each other/],
    ["--thing lamp --endpoint h --cert c", /needs --cert and --key/],
    ["--thing lamp --endpoint h:port --cert c --key k", /is not a host or host:port/],
    ["--thing lamp --endpoint h:70000 --cert c --key k", /is not a host or host:port/],
    ["--thing lamp --endpoint :8883 --cert c --key k", /is not a host or host:port/],
    ["--thing lamp --outputs outputs.json --key k", /--key goes with --endpoint/],
  ];
  for (const [line, message] of bad) {
    it(`not ${line || "nothing"}`, () => expect(() => read(line)).to.throw(UsageError, message));
  }
});

describe("devices: what one types", () => {
  const good: readonly [line: string, Command][] = [
    ["", { verb: "nothing" }],
    ["   ", { verb: "nothing" }],
    ["get", { verb: "get" }],
    [" quit ", { verb: "quit" }],
    ['report {"temperature": 21}', { verb: "report", patch: { temperature: 21 } }],
    ['publish a/b {"a": [1, 2]}', { verb: "publish", topic: "a/b", payload: '{"a": [1, 2]}' }],
    ["publish my/things/$thing/log 5", { verb: "publish", topic: "my/things/lamp/log", payload: "5" }],
    [
      "publish $aws/things/$thing/shadow/get {}",
      { verb: "publish", topic: "$aws/things/lamp/shadow/get", payload: "{}" },
    ],
    ["subscribe my/things/$thing/#", { verb: "subscribe", filter: "my/things/lamp/#" }],
  ];
  for (const [line, command] of good) {
    it(`"${line}"`, () => expect(readCommand(line, "lamp")).to.deep.equal(command));
  }
  const bad: readonly [line: string, message: RegExp][] = [
    ["reboot", /unknown command reboot; there are report, get/],
    ["report", /it goes: report .*JSON is missing/],
    ["report {temperature: 21}", /it goes: report/],
    ["publish a/b", /it goes: publish .*JSON is missing/],
    ["publish", /it goes: publish/],
    ["subscribe", /it goes: subscribe/],
  ];
  for (const [line, message] of bad) {
    it(`not "${line}"`, () => expect(() => readCommand(line, "lamp")).to.throw(message));
  }
});

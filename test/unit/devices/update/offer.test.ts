import { expect } from "chai";
import { judge } from "../../../../devices/core/offer";

describe("devices: whether a job fits", () => {
  const apps = { lamp: { maximumBytes: 1000 }, door: { maximumBytes: 10, lowestBuild: 2_000_000 } };
  const document = {
    app: "lamp",
    app_url: "https://bucket/key",
    app_version: "2.0",
    build: 2_000_000,
    sha256: "AB".repeat(32),
    size: 1000,
  };
  const of = (jobDocument: unknown) => judge({ jobId: "job", executionNumber: 3, jobDocument }, apps);

  it("takes one that does, with a hash in either case", () => {
    const { app, build, size } = document;
    const update = { jobId: "job", executionNumber: 3, app, version: "2.0", build, sha256: "ab".repeat(32), size };
    expect(of(document)).to.deep.equal({ update, url: document.app_url });
  });

  const unfit: readonly [jobDocument: unknown, reason: string][] = [
    [undefined, "the job has no document that is a JSON object"],
    ['{"app":"lamp"}', "the job has no document that is a JSON object"],
    [[], "the job has no document that is a JSON object"],
    [{ operation: "reboot" }, 'the document names no "app"'],
    [{ ...document, app: "toString" }, 'this device has no app "toString"; it has lamp, door'],
    [{ ...document, app_version: "" }, 'the document names no "app_version"'],
    [{ ...document, build: "2" }, '"build" is "2", not a whole number'],
    [{ ...document, build: undefined }, '"build" is missing, not a whole number'],
    [{ ...document, build: 1.5 }, '"build" is 1.5, not a whole number'],
    [{ ...document, sha256: "ab" }, '"sha256" is not 64 hex digits'],
    [{ ...document, size: 0 }, '"size" is 0, not a number of bytes'],
    [{ ...document, size: -1 }, '"size" is -1, not a number of bytes'],
    [{ ...document, size: 1001 }, "1001 bytes do not fit; there is room for 1000"],
    [{ ...document, app_url: "s3://bucket/key" }, '"app_url" is "s3://bucket/key", not a link'],
    [
      { ...document, app: "door", size: 1, build: 1_999_999 },
      "build 1999999 is below the installed 2000000, and the job is no rollback",
    ],
  ];
  for (const [jobDocument, reason] of unfit) {
    it(`refuses: ${reason}`, () => expect(of(jobDocument)).to.deep.equal({ unfit: reason }));
  }
});

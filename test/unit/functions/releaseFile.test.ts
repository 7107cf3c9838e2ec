import { expect } from "chai";
import { placeOf, readReleaseFile, reasonOf } from "../../../functions/firmware/releaseFile";
import {
  groupNameOf,
  groupQueryOf,
  jobDocumentOf,
  jobIdOf,
  type ReleaseFile,
} from "../../../functions/firmware/releases";

const file: ReleaseFile = {
  version: "2.0",
  artifact: "artifacts/cooler/2.0/cooler.bin",
  sha256: "ab".repeat(32),
  size: 1000,
};
const key = "releases/cooler/2.0.json";
const rules = { apps: ["cooler", "radio"], maximumSize: 5000, bucket: "firmware", region: "eu-central-1" };

const read = (value: unknown, at = key) =>
  readReleaseFile(typeof value === "string" ? value : JSON.stringify(value), at, rules);
const reasons = (value: unknown, at?: string) => {
  const result = read(value, at);
  return "problems" in result ? reasonOf(result.problems) : "fine";
};

describe("release file", () => {
  const good: [string, unknown][] = [
    ["the least there can be", file],
    ["upper-case hexadecimal digits", { ...file, sha256: "AB".repeat(32) }],
    ["a rollback", { ...file, rollback: true }],
    [
      "a file name with dots, a dash and an underscore",
      { ...file, artifact: "artifacts/cooler/2.0/my_image-v2.tar.gz" },
    ],
    [
      "every setting of a rollout",
      {
        ...file,
        rollout: {
          maximumPerMinute: 1000,
          exponentialRate: {
            baseRatePerMinute: 10,
            incrementFactor: 1.5,
            rateIncreaseCriteria: { numberOfSucceededThings: 5 },
          },
          abort: [{ failureType: "FAILED", thresholdPercentage: 12.25, minNumberOfExecutedThings: 10 }],
          timeoutInMinutes: 10080,
          retries: 10,
          continuous: true,
        },
      },
    ],
  ];
  for (const [what, value] of good) {
    it(`takes ${what}`, () => expect(read(value)).to.deep.equal({ file: value }));
  }

  const bad: [string, unknown, RegExp, string?][] = [
    ["what is not JSON", "{version:", /^releases\/cooler\/2\.0\.json: is not JSON: /],
    ["nothing", "", /is not JSON/],
    ["a list", [], /2\.0\.json: must be an object, not \[\]/],
    ["null", null, /2\.0\.json: must be an object, not null/],
    ["an unknown field", { ...file, colour: "red" }, /^colour: is not known; there are version, artifact/],
    ["a field that every object has", { ...file, toString: 1 }, /^toString: is not known/],
    ["a prototype", `{"__proto__":{},${JSON.stringify(file).slice(1)}`, /^__proto__: is not known/],
    ["no version", { ...file, version: undefined }, /^version: is missing/],
    ["the version banana", { ...file, version: "banana" }, /^version: "banana" is not two or three/],
    ["the version 2", { ...file, version: "2" }, /version: "2" has only one part/],
    ["a pre-release", { ...file, version: "1.2.3-beta" }, /suffix; pre-releases/],
    ["a version that is a number", { ...file, version: 2.0 }, /version: must be a text/],
    [
      "a version that the file is not named for",
      { ...file, version: "2.1" },
      /is "2\.1", but the file is named 2\.0\.json/,
    ],
    [
      "an unknown app",
      { ...file },
      /app: "toaster" is not known; there are cooler, radio/,
      "releases/toaster/2.0.json",
    ],
    ["an app that can't be", { ...file }, /app: must be 1 to 32 lower-case/, "releases/Cool er/2.0.json"],
    [
      "an artifact elsewhere",
      { ...file, artifact: "secrets/key" },
      /^artifact: must be artifacts\/cooler\/2\.0\/<file name>/,
    ],
    ["another app's artifact", { ...file, artifact: "artifacts/radio/2.0/x" }, /must be artifacts\/cooler\/2\.0/],
    ["a folder", { ...file, artifact: "artifacts/cooler/2.0/" }, /must be artifacts\/cooler/],
    ["a folder too deep", { ...file, artifact: "artifacts/cooler/2.0/a/b" }, /must be artifacts\/cooler/],
    [
      "a file name that a link would have to encode",
      { ...file, artifact: "artifacts/cooler/2.0/a b}.bin" },
      /of letters, digits/,
    ],
    ["an empty artifact key", { ...file, artifact: "" }, /artifact: must be the key/],
    ["a sha256 that is too short", { ...file, sha256: "abc" }, /^sha256: must be 64 hexadecimal digits, not "abc"/],
    ["an empty artifact", { ...file, size: 0 }, /^size: must be a whole number from 1 to 5000, not 0/],
    ["an artifact over the limit", { ...file, size: 5001 }, /^size: .* not 5001/],
    ["a size that is a text", { ...file, size: "12" }, /size: must be a whole number/],
    ["a rollback of false", { ...file, rollback: false }, /^rollback: must be true, not false/],
    [
      "an unknown setting",
      { ...file, rollout: { rate: 1 } },
      /^rollout\.rate: is not known; there are maximumPerMinute/,
    ],
    ["a rate over AWS's", { ...file, rollout: { maximumPerMinute: 1001 } }, /rollout\.maximumPerMinute: .* 1 to 1000/],
    ["too many retries", { ...file, rollout: { retries: 11 } }, /rollout\.retries: .* 0 to 10, not 11/],
    ["a timeout over a week", { ...file, rollout: { timeoutInMinutes: 10081 } }, /timeoutInMinutes: .* 1 to 10080/],
    ["no criterion", { ...file, rollout: { abort: [] } }, /rollout\.abort: must be a list with at least one entry/],
    [
      "half a criterion",
      { ...file, rollout: { abort: [{ thresholdPercentage: 1.234 }] } },
      /abort\[0\]\.minNumberOfExecutedThings: is missing\nrollout\.abort\[0\]\.thresholdPercentage: .* 2 decimals/,
    ],
    [
      "two criteria of increase",
      {
        ...file,
        rollout: {
          exponentialRate: {
            baseRatePerMinute: 1,
            incrementFactor: 1.15,
            rateIncreaseCriteria: { numberOfNotifiedThings: 1, numberOfSucceededThings: 1 },
          },
        },
      },
      /incrementFactor: .* 1 decimal at most, not 1\.15\nrollout\.exponentialRate\.rateIncreaseCriteria: must have one of/,
    ],
    [
      "a job document over 32 KB",
      { ...file, artifact: `artifacts/cooler/2.0/${"x".repeat(40_000)}` },
      /a key of S3 has 1024 at most\nartifact: makes the job document 40\d+ bytes long; AWS IoT takes 32768/,
    ],
  ];
  for (const [what, value, reason, at] of bad) {
    it(`refuses ${what}`, () => expect(reasons(value, at)).to.match(reason));
  }

  it("says everything at once", () => {
    const value = { ...file, version: "2", sha256: "x", size: -1, extra: 1, rollout: { retries: -1 } };
    expect(reasons(value, "releases/toaster/2.json").split("\n")).to.have.lengthOf(7);
  });

  const places: [string, unknown][] = [
    ["releases/cooler/2.0.json", { app: "cooler", version: "2.0" }],
    ["releases/cooler/banana.json", { app: "cooler", version: "banana" }],
    ["releases/cooler/.json", undefined],
    ["releases/cooler.json", undefined],
    ["releases/cooler/a/2.0.json", undefined],
    ["artifacts/cooler/2.0.json", undefined],
  ];
  for (const [at, place] of places) {
    it(`reads the place of ${at}`, () => expect(placeOf(at)).to.deep.equal(place));
  }
});

describe("release", () => {
  it("has a job id that AWS takes, for the longest app and version", () => {
    expect(jobIdOf("cooler", "2.0.1", 3)).to.equal("cooler-2_0_1-3");
    expect(jobIdOf("a".repeat(32), "2146.999.999", 9_999)).to.match(/^[a-zA-Z0-9_-]{1,64}$/);
  });

  it("goes to what is older, as a rollback to what is newer", () => {
    const release = { app: "cooler", build: 2_000_000 };
    expect(groupNameOf("firmware", release)).to.equal("firmware-cooler-below-2000000");
    expect(groupQueryOf(release)).to.equal("shadow.name.apps.reported.cooler.build<2000000");
    expect(groupNameOf("firmware", { ...release, rollback: true })).to.equal("firmware-cooler-above-2000000");
    expect(groupQueryOf({ ...release, rollback: true })).to.equal("shadow.name.apps.reported.cooler.build>2000000");
  });

  it("gives devices a document whose link AWS IoT signs", () => {
    const odd = { ...file, artifact: "artifacts/cooler/2.0/my-image.bin", sha256: "AB".repeat(32) };
    expect(jobDocumentOf("cooler", odd, "bucket", "eu-central-1")).to.deep.equal({
      app: "cooler",
      app_url:
        "${aws:iot:s3-presigned-url:https://s3.eu-central-1.amazonaws.com/bucket/artifacts/cooler/2.0/my-image.bin}",
      app_version: "2.0",
      build: 2_000_000,
      sha256: "ab".repeat(32),
      size: 1000,
    });
  });
});

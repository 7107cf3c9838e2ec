import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { marshall } from "@aws-sdk/util-dynamodb";
import { expect } from "chai";
import { app, SimulatedRelease } from "../../../../devices/simulator/simulatedRelease";
import type { Release } from "../../../../functions/firmware/releases";
import type { Place } from "../../../../operations/place";
import { temporaryFolder } from "../temporaryFolder";

describe("simulate: what becomes of a release whose start was not seen", () => {
  const folder = temporaryFolder();
  const source = "version-of-the-release-file";
  let server: Server;
  let place: Place;
  /** What the table of releases has; undefined: it does not answer. */
  let releases: Partial<Release>[] | undefined;
  let uploads: string[];
  let canceled: string[];

  beforeEach(async () => {
    releases = [];
    uploads = [];
    canceled = [];
    server = createServer((request, response) => {
      request.resume().on("end", () => {
        const { method, url = "", headers } = request;
        const cancel = /^\/jobs\/(.*)\/cancel/.exec(url);
        if (String(headers["x-amz-target"]).endsWith(".Query")) {
          response.writeHead(releases ? 200 : 400, { "content-type": "application/x-amz-json-1.0" });
          const unavailable = { __type: "ResourceNotFoundException", message: "no such table" };
          response.end(JSON.stringify(releases ? { Items: releases.map((item) => marshall(item)) } : unavailable));
        } else if (cancel) {
          canceled.push(cancel[1] as string);
          releases = releases?.map((release) => ({ ...release, status: "CANCELED" }));
          response.end("{}");
        } else {
          if (method === "PUT") uploads.push(url);
          // The first failure that publishing meets is that its start can't be seen.
          if (/\/releases\//.test(url)) releases = undefined;
          response.writeHead(200, { "x-amz-version-id": source }).end();
        }
      });
    });
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    const { port } = server.address() as AddressInfo;
    const credentials = { accessKeyId: "test", secretAccessKey: "test" };
    const aws = { region: "eu-west-1", endpoint: `http://127.0.0.1:${port}`, credentials, forcePathStyle: true };
    const tables = { releasesTableName: "releases", resultsTableName: "results" };
    const firmware = { ...tables, bucketName: "bucket", apps: [app], maximumArtifactSize: 1000 };
    place = { stack: "dev", aws, outputs: { firmware }, local: undefined };
  });
  afterEach(async () => {
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  });

  const published = async () => {
    const release = await SimulatedRelease.prepare(place, { version: "2.0", size: 100 });
    const failure = await release.publish(folder()).then(
      () => expect.fail("its start should not have been seen"),
      (error: Error) => error,
    );
    expect(failure.message).to.equal("no such table");
    expect(uploads).to.have.length(2);
    return release;
  };
  const item = (one: Partial<Release>) => ({ app, version: "2.0", build: 2_000_000, startedAt: "2026-01-01", ...one });

  it("is canceled when it began all the same", async () => {
    const release = await published();
    releases = [
      item({ jobId: "theirs", source: "of another", status: "CANCELED" }),
      item({ jobId: "ours", source, status: "IN_PROGRESS" }),
    ];
    expect(await release.stop()).to.equal(undefined);
    expect(canceled).to.deep.equal(["ours"]);
  });

  it("is named when it did not begin in time: it may yet", async () => {
    const release = await published();
    releases = [];
    expect(await release.stop(0.1)).to.equal(
      "the release of simulated 2.0 was uploaded, and may still begin: npm run release -- cancel simulated --force --stack dev",
    );
  });

  it("is named, with the reason, when nobody answers", async () => {
    const release = await published();
    expect(await release.stop(0.1)).to.match(
      /simulated 2\.0 was uploaded, and may still begin \(no such table\): npm run/,
    );
  });

  it("is nothing when nothing was uploaded", async () => {
    const release = await SimulatedRelease.prepare(place, { version: "2.0", size: 100 });
    releases = undefined;
    expect(await release.stop()).to.equal(undefined);
  });
});

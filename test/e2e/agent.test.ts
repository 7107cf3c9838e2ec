import { once } from "node:events";
import { readFileSync } from "node:fs";
import * as path from "node:path";
import { CancelJobCommand } from "@aws-sdk/client-iot";
import { expect } from "chai";
import { waitFor } from "../../common/waitFor";
import { httpTransport, type Transport } from "../../devices";
import { AgentLab, type RunningAgent } from "./agentLab";
import { look } from "./devicesHelp";

/** Hands on what is downloaded in small pieces, calling `each` before each with the bytes so far. */
function inPieces(
  each: (received: number, request: number) => void | Promise<void>,
): Transport & { offsets: number[] } {
  const offsets: number[] = [];
  const transport: Transport = async (url, offset, signal) => {
    const request = offsets.push(offset);
    const answer = await httpTransport(url, offset, signal);
    async function* body() {
      let at = answer.offset;
      for await (const chunk of answer.body) {
        for (let from = 0; from < chunk.length; from += 10_000) {
          await each(at, request);
          const piece = chunk.subarray(from, from + 10_000);
          at += piece.length;
          yield piece;
        }
      }
    }
    return { ...answer, body: answer.status < 300 ? body() : answer.body };
  };
  return Object.assign(transport, { offsets });
}

describe("device agent on the local cloud", () => {
  const lab = AgentLab.inThisSuite();

  const claimOf = async (thingName: string) => {
    const { reported } = await look(lab.lab.cloud, thingName).catch(() => ({ reported: undefined }));
    return (reported as { apps?: { lamp?: string } } | undefined)?.apps?.lamp;
  };
  const expectRuns = ({ folder }: RunningAgent, bytes: Buffer) =>
    expect(readFileSync(path.join(folder, "lamp", "current", "image")).equals(bytes)).to.equal(true);

  it("brings an app to the version of a job: downloaded, checked, active, claimed, reported", async () => {
    const thing = await lab.register("updated");
    const image = await lab.upload("2.0");
    const running = await lab.start(thing);
    await waitFor("the claim", async () => (await claimOf("updated")) === "1.0");
    const result = running.finished();
    const jobId = await lab.createJob("updated", image);
    expect(await result).to.deep.equal({ jobId, app: "lamp", version: "2.0", status: "SUCCEEDED" });
    expectRuns(running, image.bytes);
    expect(await running.agent.versions()).to.deep.equal({ lamp: "2.0" });
    expect(await lab.execution("updated", jobId)).to.deep.equal({ status: "SUCCEEDED", details: { version: "2.0" } });
    expect(await claimOf("updated")).to.equal("2.0");
  });

  it("finds a job that was made before it was there, and the next one after it", async () => {
    const thing = await lab.register("late");
    const [first, second] = [await lab.upload("2.1"), await lab.upload("2.2")];
    await lab.createJob("late", first, { version: "2.1" });
    await lab.createJob("late", second, { version: "2.2" });
    const running = await lab.start(thing);
    await waitFor("both", () => running.results.length === 2, { lastSeen: () => running.results });
    expect(running.results.map(({ version, status }) => [version, status])).to.deep.equal([
      ["2.1", "SUCCEEDED"],
      ["2.2", "SUCCEEDED"],
    ]);
    expectRuns(running, second.bytes);
  });

  it("goes on where the download broke off, with MQTT gone as well", async () => {
    const thing = await lab.register("resuming");
    const image = await lab.upload("3.0", 200_000);
    const wire = await lab.lab.wireTo();
    const broke: number[] = [];
    const transport = inPieces((received, request) => {
      if (request > 2 || received < 50_000 * request) return;
      broke.push(received);
      wire.drop();
      throw new Error("the network is gone");
    });
    const running = await lab.start(thing, { transport, port: wire.port });
    const result = running.finished();
    await lab.createJob("resuming", image, { version: "3.0" });
    expect(await result).to.deep.include({ status: "SUCCEEDED" });
    expectRuns(running, image.bytes);
    expect(transport.offsets).to.deep.equal([0, ...broke]);
  });

  it("asks for a new link when its own is too old", async () => {
    const thing = await lab.register("expired");
    const image = await lab.upload("3.1");
    const links: string[] = [];
    const transport: Transport = (url, offset, signal) => {
      links.push(url);
      // The service signs no link for less than a minute: this one says that it was signed an hour ago.
      const old = url.replace(/X-Amz-Date=\d{8}T\d{6}Z/, "X-Amz-Date=20200101T000000Z");
      return httpTransport(links.length === 1 ? old : url, offset, signal);
    };
    const running = await lab.start(thing, { transport });
    const refused: string[] = [];
    running.agent.on("step", (step) => step === "refreshing" && refused.push(step));
    const result = running.finished();
    await lab.createJob("expired", image, { version: "3.1" });
    expect(await result).to.deep.include({ status: "SUCCEEDED" });
    expect(refused).to.have.length(1);
    expect(links).to.have.length(2);
  });

  it("refuses a damaged artifact with the reason, and keeps the old version", async () => {
    const thing = await lab.register("damaged");
    const [good, bad] = [await lab.upload("4.0"), await lab.upload("4.1")];
    const running = await lab.start(thing);
    await lab.createJob("damaged", good, { version: "4.0" });
    await waitFor("the first", () => running.results.length === 1);
    const result = running.finished();
    const jobId = await lab.createJob("damaged", bad, {
      version: "4.1",
      document: { sha256: bad.sha256.replace(/^./, (digit) => (digit === "e" ? "f" : "e")) },
    });
    expect(await result).to.deep.include({ status: "FAILED" });
    const { status, details } = await lab.execution("damaged", jobId);
    expect(status).to.equal("FAILED");
    expect(details.reason).to.match(/^the artifact is damaged: its SHA-256 is .* where the job says/);
    expectRuns(running, good.bytes);
    expect(await claimOf("damaged")).to.equal("4.0");
  });

  it("drops what it downloads when the job is cancelled, and keeps the old version", async () => {
    const thing = await lab.register("cancelled");
    const image = await lab.upload("5.0");
    let isDownloading = () => {};
    const downloading = new Promise<void>((resolve) => {
      isDownloading = resolve;
    });
    const transport = inPieces(async (received) => {
      if (received < 50_000) return;
      isDownloading();
      // As long as it takes: the cancellation ends it.
      await new Promise((resolve) => setTimeout(resolve, 50));
    });
    const running = await lab.start(thing, { transport, stallTimeout: 60_000 });
    const gone = once(running.agent, "gone");
    const jobId = await lab.createJob("cancelled", image, { version: "5.0" });
    await downloading;
    await lab.iot.send(new CancelJobCommand({ jobId, force: true }));
    await gone;
    expect(await running.agent.versions()).to.deep.equal({ lamp: "1.0" });
    expect((await lab.execution("cancelled", jobId)).status).to.equal("CANCELED");
    expect(running.results).to.deep.equal([]);
  });

  it("rejects a job that does not fit, with the reason", async () => {
    const thing = await lab.register("choosy");
    const image = await lab.upload("5.1");
    const running = await lab.start(thing);
    const jobId = await lab.createJob("choosy", image, { app: "door", version: "5.1" });
    await waitFor("the rejection", () => running.results.length === 1);
    expect(await lab.execution("choosy", jobId)).to.deep.equal({
      status: "REJECTED",
      details: { reason: 'this device has no app "door"; it has lamp' },
    });
  });

  it("goes on after a restart in the middle, with what it has, from its journal", async () => {
    const thing = await lab.register("restarted");
    const image = await lab.upload("6.0", 200_000);
    let isStuck = (_received: number) => {};
    const stuck = new Promise<number>((resolve) => {
      isStuck = resolve;
    });
    const transport = inPieces((received) => {
      if (received < 100_000) return undefined;
      isStuck(received);
      return new Promise(() => {});
    });
    const first = await lab.start(thing, { transport });
    await lab.createJob("restarted", image, { version: "6.0" });
    const received = await stuck;
    await first.agent.stop();
    await first.device.close();
    const whole = inPieces(() => {});
    const second = await lab.start(thing, { transport: whole, folder: first.folder });
    await waitFor("the update", () => second.results.length === 1, { lastSeen: () => second.results });
    expect(second.results[0]).to.deep.include({ status: "SUCCEEDED", version: "6.0" });
    expect(whole.offsets).to.deep.equal([received]);
    expectRuns(second, image.bytes);
  });
});

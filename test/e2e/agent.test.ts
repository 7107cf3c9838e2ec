import { readFileSync } from "node:fs";
import * as path from "node:path";
import { expect } from "chai";
import { waitFor } from "../../sandbox/waitFor";
import { AgentLab } from "./agentLab";
import { look } from "./devicesHelp";

describe("device agent on the local cloud", function () {
  this.timeout(60_000);
  const lab = AgentLab.inThisSuite();

  it("brings an app to the version of a job: downloaded, checked, active, claimed, reported", async () => {
    const thing = await lab.register("updated");
    const image = await lab.upload("2.0");
    const { finished, folder, agent } = await lab.start(thing);
    await waitFor("the claim", async () => {
      const { reported } = await look(lab.lab.cloud, "updated").catch(() => ({ reported: undefined }));
      return (reported as { apps?: { lamp?: string } })?.apps?.lamp === "1.0";
    });
    const result = finished();
    const jobId = await lab.createJob("updated", image);
    expect(await result).to.deep.equal({ jobId, app: "lamp", version: "2.0", status: "SUCCEEDED" });
    expect(readFileSync(path.join(folder, "lamp", "current", "image")).equals(image.bytes)).to.equal(true);
    expect(await agent.versions()).to.deep.equal({ lamp: "2.0" });
    expect(await lab.execution("updated", jobId)).to.deep.equal({
      status: "SUCCEEDED",
      details: { version: "2.0" },
    });
    expect((await look(lab.lab.cloud, "updated")).reported).to.deep.equal({ apps: { lamp: "2.0" } });
  });
});

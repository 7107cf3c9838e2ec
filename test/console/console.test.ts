import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import * as path from "node:path";
import { IoTDataPlaneClient, UpdateThingShadowCommand } from "@aws-sdk/client-iot-data-plane";
import { PutObjectCommand, S3Client } from "@aws-sdk/client-s3";
import { expect } from "chai";
import type { Page } from "playwright-core";
import { waitFor } from "../../common/waitFor";
import { Device, telemetryTopic, UpdateAgent } from "../../devices";
import { buildOf } from "../../functions/firmware/builds";
import { awsConfig } from "../../sandbox/aws";
import { axeViolations } from "./support/axe";
import { type ConsoleLab, goTo, screenshot, sharedLab, signIn } from "./support/lab";

const things = ["cooler-1", "cooler-2", "cooler-3"];

describe("the console, in a browser, on the local cloud", () => {
  let lab: ConsoleLab;
  let page: Page;
  let folder: string;
  const devices: Device[] = [];
  const agents: UpdateAgent[] = [];

  before(async () => {
    lab = await sharedLab();
    folder = mkdtempSync(path.join(tmpdir(), "console-devices-"));
    for (const credentials of lab.session.devices) {
      const device = await Device.connect({ ...credentials, ...lab.session.cloud.mqtt });
      devices.push(device);
      await device.report({ overheated: false, temperature: 4, setpoint: 4 });
    }
  });
  after(async () => {
    for (const agent of agents) await agent.stop();
    for (const device of devices) await device.close();
    rmSync(folder, { recursive: true, force: true });
  });

  const device = (thingName: string) => devices.find((one) => one.thingName === thingName) as Device;
  const row = (thingName: string) => page.locator(`tr[data-thing="${thingName}"]`);
  const property = (name: string) => page.locator(`tr[data-property="${name}"]`);
  const desire = (thingName: string, desired: object) =>
    new IoTDataPlaneClient(awsConfig(lab.session.cloud)).send(
      new UpdateThingShadowCommand({ thingName, payload: Buffer.from(JSON.stringify({ state: { desired } })) }),
    );
  const edit = (text: string) => page.getByLabel("Desired state").fill(text);

  it("refuses a wrong password without telling whether the address is known, and keeps the address", async () => {
    page = await lab.newPage();
    await page.goto(lab.url);
    for (const email of [lab.user("admin").email, "nobody@example.com"]) {
      await signIn(page, email, "Wrong-password-1");
      await page.getByText("E-mail address or password is wrong.").waitFor();
      expect(await page.getByLabel("E-mail address").inputValue()).to.equal(email);
    }
    expect(await axeViolations(page)).to.deep.equal([]);
  });

  it("signs in, and lists the fleet with who is connected and what runs", async () => {
    const { email, password } = lab.user("admin");
    await signIn(page, email, password);
    for (const thing of things) {
      await row(thing).getByText("Connected", { exact: true }).waitFor();
      await row(thing).getByText("cooler 1.0").waitFor();
      await row(thing).getByText("Well").waitFor();
    }
    expect(await page.evaluate("document.cookie + JSON.stringify(localStorage)")).not.to.match(/eyJ/);
  });

  it("finds things by a part of their name, and says when there is none", async () => {
    const search = page.getByRole("searchbox");
    await search.fill("ler-2");
    await waitFor("one row", async () => (await page.locator("tr[data-thing]").count()) === 1);
    await row("cooler-2").waitFor();
    await search.fill("freezer");
    await page.getByText("Nothing matches freezer").waitFor();
    await search.fill("shadow.reported.no:such:");
    await search.fill("unknown:field");
    await page.getByRole("alert").getByText("Could not load the fleet.").waitFor();
    await search.fill("");
    await row("cooler-1").waitFor();
  });

  it("turns a thing red when it reports an anomaly, without anybody loading the page again", async () => {
    expect(await row("cooler-3").getAttribute("class")).not.to.match(/alarmed/);
    await device("cooler-3").report({ overheated: true, temperature: 19 });
    await page.locator('tr.alarmed[data-thing="cooler-3"]').getByText("overheated").waitFor();
    await page.getByText("1 thing needs you").waitFor();
    expect(await row("cooler-1").getAttribute("class")).not.to.match(/alarmed/);
    await screenshot(page, "fleet");
  });

  it("shows the anomaly with its reminders on a line, and ends them when it is acknowledged", async () => {
    await goTo(page, "Anomalies");
    const card = page.locator('[data-anomaly="cooler-3 overheated"]');
    await card.locator(".mark.sent").first().waitFor();
    expect(await card.locator(".mark.sent, .mark.planned").count()).to.equal(5);
    await screenshot(page, "anomalies");
    await card.getByRole("button", { name: /Acknowledge/ }).click();
    await card.getByText("Acknowledged").waitFor();
    await page.getByText("No more reminders of overheated for cooler-3.").waitFor();
    expect(await card.locator(".mark.planned").count()).to.equal(0);
  });

  it("moves it to what has ended once the device is well again", async () => {
    await device("cooler-3").report({ overheated: false, temperature: 5 });
    await page.getByText("No thing reports an anomaly.").waitFor();
    await page.getByRole("button", { name: "Ended" }).click();
    await page.locator('.ended[data-anomaly="cooler-3 overheated"]').getByText("solved").waitFor();
    await goTo(page, "Fleet");
    await row("cooler-3").getByText("Well").waitFor();
  });

  it("by keyboard: from the list to a thing, and the focus follows", async () => {
    await row("cooler-1").getByRole("link").focus();
    await page.keyboard.press("Enter");
    await page.getByRole("heading", { level: 1, name: "cooler-1" }).waitFor();
    await waitFor("the focus on the heading", () =>
      page.evaluate("document.activeElement.matches('h1') && document.activeElement.textContent === 'cooler-1'"),
    );
    expect(await page.title()).to.equal("cooler-1 · thingstack");
  });

  it("sets what is desired, shows what waits for the device, and sees it done", async () => {
    await property("setpoint").waitFor();
    await edit('{ "setpoint": 3 }');
    await page.getByText("setpoint → 3").waitFor();
    await page.getByRole("button", { name: "Save" }).click();
    await page.locator('tr.waiting[data-property="setpoint"]').waitFor();
    expect(await property("setpoint").locator("td").allInnerTexts()).to.deep.equal(["3", "4", "3"]);
    await screenshot(page, "thing-waiting");

    await device("cooler-1").onDelta((delta) => delta);
    await page.locator('tr.done[data-property="setpoint"]').waitFor();
    expect(await property("setpoint").locator("td").allInnerTexts()).to.deep.equal(["3", "3", "done"]);
  });

  it("says where a mistake is, and lets nobody save it", async () => {
    await edit('{\n  "setpoint": 3,\n}');
    await page.getByText("Line 2, column 16: There is a comma after the last property.").waitFor();
    expect(await page.getByRole("button", { name: "Save" }).isDisabled()).to.equal(true);
    expect(await page.getByLabel("Desired state").getAttribute("aria-invalid")).to.equal("true");
    await page.getByRole("button", { name: "Discard" }).click();
  });

  it("does not write over what somebody else desired meanwhile, and puts one on top of the other when asked", async () => {
    await edit('{ "setpoint": 3, "light": true }');
    await desire("cooler-1", { setpoint: 6 });
    await page.getByText("Somebody has changed what is desired since you began").waitFor();
    expect(await page.getByRole("button", { name: "Save" }).isDisabled()).to.equal(true);
    await page.getByRole("button", { name: "Put mine on top of theirs" }).click();
    expect(JSON.parse(await page.getByLabel("Desired state").inputValue())).to.deep.equal({ setpoint: 6, light: true });
    await page.getByRole("button", { name: "Save" }).click();
    await page.locator('tr.done[data-property="light"]').waitFor();
    await page.locator('tr.done[data-property="setpoint"]').waitFor();
    expect(await property("setpoint").locator("td").first().innerText()).to.equal("6");
  });

  it("draws what the thing measured", async () => {
    for (const temperature of [4, 5, 6]) await device("cooler-1").publish(telemetryTopic("cooler-1"), { temperature });
    const drawn = page.locator("section", { has: page.locator("#telemetry") });
    await waitFor("the chart", async () => {
      // It asks every half a minute by itself, and at once for another period.
      for (const period of ["1 h", "3 h"]) {
        await page.getByRole("button", { name: period, exact: true }).click();
        await drawn.locator(".chart, .empty").waitFor();
      }
      return (await drawn.getByText(/from 4 to 6/).count()) > 0;
    });
    expect(await page.locator(".chart .point").count()).to.be.greaterThan(0);
    await screenshot(page, "thing");
  });

  it("publishes a release, and shows it going on until it is done", async () => {
    for (const one of devices) {
      const agent = new UpdateAgent(one, {
        folder: path.join(folder, one.thingName),
        apps: { cooler: { factory: { version: "1.0", build: buildOf("1.0") } } },
      });
      agents.push(agent);
      await agent.start();
    }
    const { bucketName } = lab.session.outputs.firmware as { bucketName: string };
    await new S3Client(awsConfig(lab.session.cloud)).send(
      new PutObjectCommand({ Bucket: bucketName, Key: "artifacts/cooler/2.0/cooler.bin", Body: "the new one" }),
    );
    await goTo(page, "Releases");
    await page.getByText("Nothing was released yet").waitFor();
    await page.getByRole("button", { name: "Publish" }).click();
    const dialog = page.getByRole("dialog");
    await dialog.getByLabel("App", { exact: true }).fill("cooler");
    await dialog.getByLabel("Version", { exact: true }).fill("9.9");
    await dialog.getByRole("button", { name: "Publish" }).click();
    await dialog.getByText(/Its artifact is not there/).waitFor();
    await dialog.getByLabel("Version", { exact: true }).fill("2.0");
    await dialog.getByRole("button", { name: "Publish" }).click();
    await page.getByText("cooler 2.0 is being released.").waitFor();

    const release = page.locator('tr[data-job^="cooler-2_0"]');
    await release.getByText("Completed").waitFor({ timeout: 120_000 });
    expect(await release.getByRole("progressbar").getAttribute("aria-valuetext")).to.equal("3 of 3 updated");
    await screenshot(page, "releases");
    await release.getByRole("link").click();
    await page.getByText("No device has failed").waitFor();
    expect(await axeViolations(page)).to.deep.equal([]);
    await goTo(page, "Fleet");
    for (const thing of things) await row(thing).getByText("cooler 2.0").waitFor();
  });

  it("goes on after a reload, and not after signing out", async () => {
    await page.reload();
    await row("cooler-1").waitFor();
    await page.getByRole("button", { name: "Sign out" }).click();
    await page.getByLabel("Password").waitFor();
    await page.reload();
    await page.getByLabel("Password").waitFor();
  });

  it("shows other people only what is theirs, and no releases", async () => {
    page = await lab.signedIn("user");
    await row("cooler-1").waitFor();
    expect(await page.locator("tr[data-thing]").count()).to.equal(lab.user("user").things.length);
    expect(await page.getByRole("link", { name: "Releases" }).count()).to.equal(0);
    await page.goto(`${lab.url}/things/cooler-3`);
    // Its telemetry and anomalies are asked for at the same time, and may be refused before it is.
    const refusal = page.getByRole("alert").filter({ hasText: "Could not load cooler-3." });
    await refusal.getByText(/there is no such thing/).waitFor();
  });

  it("has done nothing that its content security policy forbids; and that would have been seen", async () => {
    expect(lab.problems).to.deep.equal([]);
    await page.evaluate('document.body.setAttribute("style", "color: red")');
    await waitFor("the violation", () => lab.problems.splice(0).some((problem) => /style/.test(problem)));
  });
});

import { expect } from "chai";
import type { Page } from "playwright-core";
import { waitFor } from "../../common/waitFor";
import { axeViolations } from "./support/axe";
import { type ConsoleLab, sharedLab } from "./support/lab";

/** Each page, and what is there when it is. */
const pages: readonly (readonly [name: string, path: string, there: string])[] = [
  ["the fleet", "/", "tr[data-thing]"],
  ["a thing", "/things/cooler-1", "form.editor"],
  ["a thing that does not exist", "/things/none", ".notice.bad"],
  ["open anomalies", "/anomalies", ".empty, .anomaly"],
  ["ended anomalies", "/anomalies?status=ended", ".empty, .anomaly"],
  ["releases", "/releases", ".empty, tr[data-job]"],
  ["a page that does not exist", "/nothing/here", ".empty"],
];

describe("the console's pages", () => {
  let lab: ConsoleLab;
  let page: Page;
  before(async () => {
    lab = await sharedLab();
  });

  const open = async (path: string, there: string) => {
    await page.goto(`${lab.url}${path}`);
    await page.locator(there).first().waitFor();
  };

  for (const colorScheme of ["light", "dark"] as const) {
    describe(colorScheme, () => {
      before(async () => {
        page = await lab.signedIn("admin", { colorScheme });
      });
      after(() => page.context().close());

      for (const [name, path, there] of pages) {
        it(`${name}: axe-core finds nothing wrong`, async () => {
          await open(path, there);
          expect(await axeViolations(page)).to.deep.equal([]);
        });
      }

      it("the publish form and a wrong desired state: axe-core finds nothing wrong", async () => {
        await open("/releases", "main");
        await page.getByRole("button", { name: "Publish" }).click();
        await page.getByRole("dialog").waitFor();
        expect(await axeViolations(page)).to.deep.equal([]);
        await open("/things/cooler-1", "form.editor");
        await page.getByLabel("Desired state").fill("{");
        await page.getByText(/Line 1/).waitFor();
        expect(await axeViolations(page)).to.deep.equal([]);
      });
    });
  }

  describe("on a phone of 360 pixels", () => {
    before(async () => {
      page = await lab.signedIn("admin", { viewport: { width: 360, height: 740 } });
    });
    after(() => page.context().close());

    for (const [name, path, there] of pages) {
      it(`${name} fits, and scrolls only down`, async () => {
        await open(path, there);
        expect(await page.evaluate("document.documentElement.scrollWidth")).to.equal(360);
      });
    }
  });

  describe("when things take long, or fail", () => {
    beforeEach(async () => {
      page = await lab.signedIn("admin");
    });
    afterEach(() => page.context().close());

    it("shows that it is loading, and then what was loaded", async () => {
      let goOn = () => {};
      const held = new Promise<void>((resolve) => {
        goOn = resolve;
      });
      await page.route("**/api/anomalies*", async (route) => {
        await held;
        await route.continue();
      });
      await page.goto(`${lab.url}/anomalies`);
      await page.getByRole("status").getByText("Loading the anomalies").waitFor({ state: "attached" });
      expect(await axeViolations(page)).to.deep.equal([]);
      goOn();
      await page.locator(".empty, .anomaly").first().waitFor();
    });

    it("says what failed and tries again, by itself or at once", async () => {
      await page.route("**/api/things/cooler-1", (route) =>
        route.fulfill({ status: 503, json: { title: "Busy", detail: "The backend is busy." } }),
      );
      await page.goto(`${lab.url}/things/cooler-1`);
      const failure = page.getByRole("alert").filter({ hasText: "Could not load cooler-1." });
      await failure.getByText("The backend is busy.").waitFor();
      await failure.getByText(/Trying again in/).waitFor();
      expect(await axeViolations(page)).to.deep.equal([]);
      await page.unrouteAll();
      await failure.getByRole("button", { name: "Try again" }).click();
      await page.locator("form.editor").waitFor();
    });

    it("keeps what it has while the network is away, says how old that is, and goes on when it is back", async () => {
      await page.context().setOffline(true);
      await page.getByText(/You are offline\. This is as of/).waitFor();
      await page.getByText("Not connected").waitFor();
      expect(await page.locator("tr[data-thing]").count()).to.be.greaterThan(0);
      await page.context().setOffline(false);
      await page.getByText("Live", { exact: true }).waitFor();
    });

    it("asks for nothing while nobody looks, and at once when somebody does again", async () => {
      let asked = 0;
      await page.clock.install();
      await page.goto(`${lab.url}/anomalies`);
      await page.locator(".empty, .anomaly").first().waitFor();
      page.on("request", (request) => {
        if (/\/api\//.test(request.url())) asked += 1;
      });
      await look(false);
      await page.clock.runFor(60_000);
      expect(asked).to.equal(0);
      await look(true);
      await waitFor("a request", () => asked > 0);
    });

    it("keeps the colours that a person chose", async () => {
      const scheme = () => page.evaluate("getComputedStyle(document.documentElement).colorScheme");
      const button = page.getByRole("button", { name: /Colours/ });
      await button.click();
      await button.click();
      expect(await scheme()).to.equal("dark");
      await page.reload();
      await page.locator("tr[data-thing]").first().waitFor();
      expect(await scheme()).to.equal("dark");
    });
  });

  /** As when somebody leaves the tab, and comes back to it. */
  const look = (visible: boolean) =>
    page.evaluate(`
      Object.defineProperty(document, "hidden", { get: () => ${!visible}, configurable: true });
      document.dispatchEvent(new Event("visibilitychange"));
    `);
});

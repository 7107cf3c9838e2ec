import { mkdirSync } from "node:fs";
import { tmpdir } from "node:os";
import * as path from "node:path";
import { type Browser, type BrowserContextOptions, chromium as driver, type Page } from "playwright-core";
import type { DemoUser } from "../../../sandbox/demoUser";
import { openSession, type Session } from "../../../sandbox/session";
import { chromium } from "./chromium";

/** The local cloud with the console on it, and a real browser that watches what pages must not do. */
export class ConsoleLab {
  /** What pages did that they must not: content security policy violations, errors nobody caught. */
  readonly problems: string[] = [];

  private constructor(
    readonly session: Session,
    private readonly browser: Browser,
  ) {}

  /** @param things declared with the stack, each made with version 1.0 */
  static async open(things: readonly string[]): Promise<ConsoleLab> {
    const session = await openSession({
      // Ten seconds from reminder to reminder: time enough to acknowledge one.
      speed: 30,
      config: {
        "thingstack:devices": JSON.stringify(things),
        "thingstack:deviceVersions": JSON.stringify(Object.fromEntries(things.map((thing) => [thing, "1.0"]))),
      },
    });
    try {
      // Root has no sandbox to put the browser in; what it opens here is our own page.
      const args = process.getuid?.() === 0 ? ["--no-sandbox"] : [];
      return new ConsoleLab(session, await driver.launch({ executablePath: chromium(), args }));
    } catch (error) {
      await session.stop();
      throw error;
    }
  }

  get url(): string {
    return this.session.cloud.cloudFrontUrl;
  }

  user(group: DemoUser["group"]): DemoUser {
    return this.session.users.find((user) => user.group === group) as DemoUser;
  }

  /** A page of its own session: no other page's storage. */
  async newPage(options: BrowserContextOptions = {}): Promise<Page> {
    const context = await this.browser.newContext({ viewport: { width: 1100, height: 700 }, ...options });
    const page = await context.newPage();
    page.setDefaultTimeout(120_000);
    page.on("pageerror", (error) => this.problems.push(`${page.url()}: ${error.message}`));
    page.on("console", (message) => {
      if (/content security policy|trusted ?types?/i.test(message.text())) this.problems.push(message.text());
    });
    return page;
  }

  /** Signs in as somebody, and waits for the fleet. */
  async signedIn(group: DemoUser["group"], options?: BrowserContextOptions): Promise<Page> {
    const page = await this.newPage(options);
    await page.goto(this.url);
    await signIn(page, this.user(group).email, this.user(group).password);
    await page.locator("tr[data-thing]").first().waitFor();
    return page;
  }

  async close(): Promise<void> {
    await this.browser.close();
    await this.session.stop();
  }
}

export async function signIn(page: Page, email: string, password: string): Promise<void> {
  await page.getByLabel("E-mail address").fill(email);
  await page.getByLabel("Password").fill(password);
  await page.getByRole("button", { name: "Sign in" }).click();
}

/** Follows a link of the main navigation. */
export async function goTo(page: Page, place: "Fleet" | "Anomalies" | "Releases"): Promise<void> {
  await page.getByRole("navigation", { name: "Main" }).getByRole("link", { name: place }).click();
  await page.getByRole("heading", { level: 1, name: place }).waitFor();
}

/** Keeps a picture of the page where `SCREENSHOTS` names a folder: `SCREENSHOTS=docs/images npm test -- console`. */
export async function screenshot(page: Page, name: string): Promise<void> {
  const folder = process.env.SCREENSHOTS ?? path.join(tmpdir(), "thingstack-screenshots");
  mkdirSync(folder, { recursive: true });
  await page.screenshot({ path: path.join(folder, `${name}.png`), animations: "disabled" });
}

let shared: Promise<ConsoleLab> | undefined;

/** One lab for all files of the suite: a local cloud takes a while to be there. The things: cooler-1 to cooler-3. */
export function sharedLab(): Promise<ConsoleLab> {
  shared ??= ConsoleLab.open(["cooler-1", "cooler-2", "cooler-3"]);
  return shared;
}

after(async () => {
  const lab = await shared;
  await lab?.close();
});

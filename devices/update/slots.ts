import { createHash } from "node:crypto";
import * as path from "node:path";
import type { Image, Update } from "../core/offer";
import { type Disk, readText, replaceFile, type Writer } from "./disk";

type Slot = "a" | "b";

/**
 * Two places for the image of each app: one is active, the other takes the next one and then keeps the last as the way back.
 *
 * ```text
 * <folder>/<app>/a/image, image.json     an image, and what it is
 * <folder>/<app>/b/...
 * <folder>/<app>/current                 a link to a or b: run <folder>/<app>/current/image
 * ```
 *
 * The link changes in one step, and only to an image that is whole and safe on the disk.
 */
export class Slots {
  constructor(
    private readonly folder: string,
    private readonly disk: Disk,
  ) {}

  /** Makes the folders of an app. */
  async prepare(app: string): Promise<void> {
    for (const slot of ["a", "b"] as const) {
      await this.disk.makeFolder(this.at(app, slot));
    }
    await this.disk.syncFolder(this.at(app));
    await this.disk.syncFolder(this.folder);
  }

  /** The file that is run. */
  activePath(app: string): string {
    return this.at(app, "current", "image");
  }

  /** Where an update lies, until it is the active one. */
  async stagedPath(update: Update): Promise<string> {
    return this.at(update.app, await this.inactive(update.app), "image");
  }

  /** What the active image should be; `undefined` when the device still runs what it was made with. */
  async active(app: string): Promise<Image | undefined> {
    const slot = await this.activeSlot(app);
    return slot && this.described(app, slot);
  }

  /** What is wrong with the active image; `undefined` when it is whole. Reads all of it. */
  async problemOfActive(app: string, image: Image): Promise<string | undefined> {
    const slot = await this.activeSlot(app);
    return slot ? this.problemOf(this.at(app, slot, "image"), image) : "no image is active";
  }

  /** Whether the active image is this update, and whole. */
  async isActive(update: Update): Promise<boolean> {
    const active = await this.active(update.app);
    if (active?.sha256 !== update.sha256) return false;
    return (await this.problemOfActive(update.app, update)) === undefined;
  }

  /** Bytes that are there from a download that was cut off. */
  async received(update: Update): Promise<number> {
    return (await this.disk.sizeOf(await this.partOf(update))) ?? 0;
  }

  /** To go on writing an update from an offset. */
  async write(update: Update, offset: number): Promise<Writer> {
    return this.disk.writeFrom(await this.partOf(update), offset);
  }

  /**
   * Checks a downloaded update by size and hash and moves it to where it can be activated.
   * @returns what is wrong with it, if anything
   */
  async accept(update: Update): Promise<string | undefined> {
    const slot = await this.inactive(update.app);
    const [part, image] = [await this.partOf(update), this.at(update.app, slot, "image")];
    if ((await this.disk.sizeOf(part)) === undefined) {
      // It was accepted before a restart; it is checked again.
      const described = await this.described(update.app, slot);
      return described?.sha256 === update.sha256 ? this.problemOf(image, update) : "the download is not there";
    }
    const problem = await this.problemOf(part, update);
    if (problem) return problem;
    await this.disk.rename(part, image);
    const { version, build, sha256, size } = update;
    await replaceFile(this.disk, `${image}.json`, JSON.stringify({ version, build, sha256, size }));
    return undefined;
  }

  /** Makes an accepted update the active image, in one step. */
  async activate(update: Update): Promise<void> {
    if (!(await this.isActive(update))) await this.pointTo(update.app, await this.inactive(update.app));
  }

  /** Makes sure that an update is not the active image: goes back to the one before, or to what the device was made with. */
  async revert({ app, sha256 }: Update): Promise<void> {
    const slot = await this.activeSlot(app);
    if (!slot || (await this.described(app, slot))?.sha256 !== sha256) return;
    const before = other(slot);
    const image = await this.described(app, before);
    const isWhole = image && image.sha256 !== sha256 && !(await this.problemOf(this.at(app, before, "image"), image));
    if (isWhole) return this.pointTo(app, before);
    await this.disk.remove(this.at(app, "current"));
    await this.disk.syncFolder(this.at(app));
  }

  /** Throws away what was downloaded and not accepted. */
  async discard(app: string): Promise<void> {
    for (const slot of ["a", "b"] as const) {
      const folder = this.at(app, slot);
      const parts = (await this.disk.list(folder)).filter((name) => name.endsWith(".part"));
      for (const name of parts) await this.disk.remove(path.join(folder, name));
    }
  }

  private async pointTo(app: string, slot: Slot): Promise<void> {
    const temporary = this.at(app, "current.new");
    await this.disk.remove(temporary);
    await this.disk.makeLink(slot, temporary);
    await this.disk.rename(temporary, this.at(app, "current"));
    await this.disk.syncFolder(this.at(app));
  }

  private async activeSlot(app: string): Promise<Slot | undefined> {
    const slot = await this.disk.readLink(this.at(app, "current"));
    return slot === "a" || slot === "b" ? slot : undefined;
  }

  private async inactive(app: string): Promise<Slot> {
    return other((await this.activeSlot(app)) ?? "b");
  }

  private async described(app: string, slot: Slot): Promise<Image | undefined> {
    const text = await readText(this.disk, this.at(app, slot, "image.json"));
    return text === undefined ? undefined : (JSON.parse(text) as Image);
  }

  /** Named by its content, so that pieces of two updates never come together. */
  private async partOf({ app, sha256 }: Update): Promise<string> {
    return this.at(app, await this.inactive(app), `${sha256}.part`);
  }

  private async problemOf(file: string, { sha256, size }: Image): Promise<string | undefined> {
    const found = await this.disk.sizeOf(file);
    if (found !== size) return `it has ${found ?? "no"} bytes where the job says ${size}`;
    const hash = createHash("sha256");
    for await (const chunk of this.disk.read(file)) hash.update(chunk);
    const digest = hash.digest("hex");
    return digest === sha256 ? undefined : `its SHA-256 is ${digest} where the job says ${sha256}`;
  }

  private at(app: string, ...names: string[]): string {
    return path.join(this.folder, app, ...names);
  }
}

function other(slot: Slot): Slot {
  return slot === "a" ? "b" : "a";
}

import * as path from "node:path";
import type { Entry } from "../core/updateStates";
import { type Disk, readText, replaceFile } from "./disk";

/** What has to be known of the update under way when power comes back: one small file, replaced in one step. */
export class Journal {
  private readonly file: string;

  constructor(
    private readonly folder: string,
    private readonly disk: Disk,
  ) {
    this.file = path.join(folder, "update.json");
  }

  /** @throws SyntaxError when somebody else wrote to it */
  async read(): Promise<Entry | undefined> {
    const text = await readText(this.disk, this.file);
    return text === undefined ? undefined : (JSON.parse(text) as Entry);
  }

  write(entry: Entry): Promise<void> {
    return replaceFile(this.disk, this.file, JSON.stringify(entry));
  }

  async clear(): Promise<void> {
    await this.disk.remove(this.file);
    await this.disk.syncFolder(this.folder);
  }
}

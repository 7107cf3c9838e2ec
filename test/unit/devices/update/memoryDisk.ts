import * as path from "node:path";
import type { Disk, Writer } from "../../../../devices";

interface File {
  bytes: Buffer;
  /** What a loss of power leaves of it, at least. */
  safe: Buffer;
}

type Entry = File | { readonly link: string };

const never = new Promise<never>(() => {});

/**
 * A disk that can lose power at any operation, and then loses what a real one may lose: bytes that were not synced, wholly or
 * in part, and names that were changed without their folder being synced. What was synced stays.
 */
export class MemoryDisk implements Disk {
  private names = new Map<string, Entry>();
  private safeNames = new Map<string, Entry>();
  private folders = new Set<string>(["/"]);
  private powerFor = Number.POSITIVE_INFINITY;
  private handles = 0;
  /** Operations since the last time that power came. */
  operations = 0;

  /** @param random decides what is left after a loss of power */
  constructor(private readonly random: () => number) {}

  /** Power goes before the operation with this number, from 1. */
  losePowerAt(operation: number): void {
    this.powerFor = operation;
  }

  get isOff(): boolean {
    return this.operations >= this.powerFor;
  }

  /** What is left comes back; whoever still wrote from before cannot any more. */
  restorePower(): void {
    this.handles++;
    this.operations = 0;
    this.powerFor = Number.POSITIVE_INFINITY;
    for (const name of new Set([...this.names.keys(), ...this.safeNames.keys()])) {
      const [now, safe] = [this.names.get(name), this.safeNames.get(name)];
      if (now !== safe && this.random() < 0.5) this.put(this.names, name, safe);
    }
    for (const file of new Set(this.names.values())) {
      if ("link" in file || file.bytes.equals(file.safe)) continue;
      // A disk may have written more than it was asked to make sure of, or a block of nothing. What was synced and not
      // written over since stays.
      const unchanged = commonStart(file.bytes, file.safe);
      const kept = unchanged + Math.floor(this.random() * (file.bytes.length - unchanged + 1));
      const torn = Buffer.from(file.bytes.subarray(0, kept));
      if (this.random() < 0.3) torn.fill(0, unchanged);
      file.bytes = this.random() < 0.5 ? Buffer.from(file.safe) : torn;
    }
    this.safeNames = new Map(this.names);
    for (const file of this.names.values()) if (!("link" in file)) file.safe = Buffer.from(file.bytes);
  }

  async makeFolder(folder: string): Promise<void> {
    await this.operate();
    for (let at = folder; !this.folders.has(at); at = path.dirname(at)) this.folders.add(at);
  }

  async syncFolder(folder: string): Promise<void> {
    await this.operate();
    const inside = (name: string) => path.dirname(name) === folder;
    for (const name of [...this.safeNames.keys()].filter(inside)) {
      if (!this.names.has(name)) this.safeNames.delete(name);
    }
    for (const [name, entry] of this.names) if (inside(name)) this.safeNames.set(name, entry);
  }

  async list(folder: string): Promise<readonly string[]> {
    await this.operate();
    return [...this.names.keys()].filter((name) => path.dirname(name) === folder).map((name) => path.basename(name));
  }

  async writeFrom(name: string, offset: number): Promise<Writer> {
    await this.operate();
    const found = this.names.get(name);
    const file: File = found && !("link" in found) ? found : { bytes: Buffer.alloc(0), safe: Buffer.alloc(0) };
    this.names.set(name, file);
    file.bytes = file.bytes.subarray(0, offset);
    const handle = this.handles;
    const operate = () => (handle === this.handles ? this.operate() : never);
    return {
      write: async (bytes) => {
        await operate();
        file.bytes = Buffer.concat([file.bytes, bytes]);
      },
      sync: async () => {
        await operate();
        file.safe = Buffer.from(file.bytes);
      },
      close: async () => {},
    };
  }

  async *read(name: string): AsyncGenerator<Uint8Array> {
    await this.operate();
    const bytes = this.fileAt(name)?.bytes;
    if (!bytes) throw Object.assign(new Error(`ENOENT: ${name}`), { code: "ENOENT" });
    yield bytes;
  }

  async sizeOf(name: string): Promise<number | undefined> {
    await this.operate();
    return this.fileAt(name)?.bytes.length;
  }

  async rename(from: string, to: string): Promise<void> {
    await this.operate();
    const entry = this.names.get(from);
    if (!entry) throw Object.assign(new Error(`ENOENT: ${from}`), { code: "ENOENT" });
    this.names.set(to, entry);
    this.names.delete(from);
  }

  async remove(name: string): Promise<void> {
    await this.operate();
    this.names.delete(name);
  }

  async makeLink(target: string, link: string): Promise<void> {
    await this.operate();
    this.names.set(link, { link: target });
  }

  async readLink(link: string): Promise<string | undefined> {
    await this.operate();
    const entry = this.names.get(link);
    return entry && "link" in entry ? entry.link : undefined;
  }

  /** What a file holds, without asking the disk. Follows a link in its folder's place. */
  peek(name: string): Buffer | undefined {
    const folder = this.names.get(path.dirname(name));
    const real = folder && "link" in folder ? path.join(path.dirname(path.dirname(name)), folder.link) : undefined;
    return this.fileAt(real ? path.join(real, path.basename(name)) : name)?.bytes;
  }

  /** Damages a byte of what is there. */
  damage(name: string, at: number): void {
    const bytes = this.peek(name);
    if (!bytes) throw new Error(`there is no ${name}`);
    bytes[at] = (bytes[at] as number) ^ 1;
  }

  private fileAt(name: string): File | undefined {
    const entry = this.names.get(name);
    return entry && !("link" in entry) ? entry : undefined;
  }

  private put(names: Map<string, Entry>, name: string, entry: Entry | undefined): void {
    if (entry) names.set(name, entry);
    else names.delete(name);
  }

  /** One more thing is done; never, once power is gone. Other things that a device does may count as well. */
  operate(): Promise<void> {
    this.operations++;
    return this.isOff ? never : Promise.resolve();
  }
}

/** How many bytes two files have in common at their start. */
function commonStart(one: Buffer, other: Buffer): number {
  const end = Math.min(one.length, other.length);
  for (let at = 0; at < end; at++) if (one[at] !== other[at]) return at;
  return end;
}

import { createReadStream } from "node:fs";
import { mkdir, open, readdir, readlink, rename, rm, stat, symlink } from "node:fs/promises";
import * as path from "node:path";

/** A file that is being written. */
export interface Writer {
  write(bytes: Uint8Array): Promise<void>;
  /** Resolves when what was written would survive a loss of power. */
  sync(): Promise<void>;
  close(): Promise<void>;
}

/** What an agent needs of a file system; the one place where it touches it. */
export interface Disk {
  /** With all above it; no error when it is there. */
  makeFolder(folder: string): Promise<void>;
  /** Makes names that were added, changed or removed in a folder survive a loss of power. */
  syncFolder(folder: string): Promise<void>;
  /** Names in a folder. */
  list(folder: string): Promise<readonly string[]>;
  /**
   * Opens a file, made if need be, to write on from an offset; what lies behind that is cut off.
   * @param mode permissions of a file that is made
   */
  writeFrom(file: string, offset: number, mode?: number): Promise<Writer>;
  read(file: string): AsyncIterable<Uint8Array>;
  /** Bytes; `undefined` when there is no such file. */
  sizeOf(file: string): Promise<number | undefined>;
  /** Atomic; replaces what has the new name. */
  rename(from: string, to: string): Promise<void>;
  /** No error when it is not there. */
  remove(file: string): Promise<void>;
  makeLink(target: string, link: string): Promise<void>;
  /** `undefined` when there is no such link. */
  readLink(link: string): Promise<string | undefined>;
}

/** The machine's file system. */
export const realDisk: Disk = {
  makeFolder: async (folder) => {
    await mkdir(folder, { recursive: true });
  },
  syncFolder: async (folder) => {
    const handle = await open(folder, "r");
    try {
      await handle.sync();
    } finally {
      await handle.close();
    }
  },
  list: (folder) => readdir(folder),
  writeFrom: async (file, offset, mode) => {
    const handle = await open(file, offset === 0 ? "w" : "r+", mode);
    let at = offset;
    if (offset > 0) await handle.truncate(offset);
    return {
      write: async (bytes) => {
        for (let done = 0; done < bytes.length; ) {
          const { bytesWritten } = await handle.write(bytes, done, bytes.length - done, at);
          done += bytesWritten;
          at += bytesWritten;
        }
      },
      sync: () => handle.sync(),
      close: () => handle.close(),
    };
  },
  read: (file) => createReadStream(file),
  sizeOf: (file) => unlessMissing(async () => (await stat(file)).size),
  rename,
  remove: (file) => rm(file, { force: true }),
  makeLink: (target, link) => symlink(target, link),
  readLink: (link) => unlessMissing(() => readlink(link)),
};

/**
 * Writes a file so that a loss of power leaves the old one or the new one, and nothing between.
 * @param mode its permissions
 */
export async function replaceFile(disk: Disk, file: string, content: string | Buffer, mode?: number): Promise<void> {
  const temporary = `${file}.new`;
  const writer = await disk.writeFrom(temporary, 0, mode);
  try {
    await writer.write(typeof content === "string" ? Buffer.from(content) : content);
    await writer.sync();
  } finally {
    await writer.close();
  }
  await disk.rename(temporary, file);
  await disk.syncFolder(path.dirname(file));
}

/** A small file's text; `undefined` when it is not there. */
export async function readText(disk: Disk, file: string): Promise<string | undefined> {
  return (await readBytes(disk, file))?.toString();
}

/** What a file holds; `undefined` when it is not there. */
export async function readBytes(disk: Disk, file: string): Promise<Buffer | undefined> {
  return unlessMissing(async () => {
    const chunks: Uint8Array[] = [];
    for await (const chunk of disk.read(file)) chunks.push(chunk);
    return Buffer.concat(chunks);
  });
}

async function unlessMissing<T>(work: () => Promise<T>): Promise<T | undefined> {
  try {
    return await work();
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return undefined;
    throw error;
  }
}

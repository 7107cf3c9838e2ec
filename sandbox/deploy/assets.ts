import { createHash } from "node:crypto";
import { readdir, readFile, stat } from "node:fs/promises";
import { join, posix } from "node:path";
import { asset } from "@pulumi/pulumi";
import { strFromU8, unzipSync, zipSync } from "fflate";

/** Path inside the archive -> content. */
export type Files = Record<string, Uint8Array>;

/**
 * The zip of a Pulumi archive. The same content gives the same bytes, so a hash tells whether code changed.
 *
 * @throws for archives that cannot be had here: tarballs, remote ones.
 */
export async function zipArchive(archive: unknown): Promise<Uint8Array> {
  if (archive instanceof asset.FileArchive) {
    const path = await archive.path;
    if (/\.(zip|jar)$/i.test(path)) return readFile(path);
  }
  return zip(await archiveFiles(archive));
}

/** Zips files with fixed dates and in the order of their names. */
export function zip(files: Files): Uint8Array {
  const sorted = Object.fromEntries(Object.entries(files).sort(([a], [b]) => (a < b ? -1 : 1)));
  return zipSync(sorted, { mtime: new Date(1980, 0, 1), level: 6 });
}

/** The text of all files in a zip whose path matches. */
export function zipText(bytes: Uint8Array, path: RegExp): string {
  return Object.values(unzipSync(bytes, { filter: ({ name }) => path.test(name) }))
    .map((content) => strFromU8(content))
    .join("\n");
}

/** Every file of a Pulumi archive. */
export async function archiveFiles(archive: unknown): Promise<Files> {
  if (archive instanceof asset.AssetArchive) {
    const files: Files = {};
    for (const [name, entry] of Object.entries(await archive.assets)) {
      if (isAsset(entry)) files[name] = await assetBytes(entry);
      else for (const [path, bytes] of Object.entries(await archiveFiles(entry))) files[posix.join(name, path)] = bytes;
    }
    return files;
  }
  if (archive instanceof asset.FileArchive) {
    const path = await archive.path;
    if ((await stat(path)).isDirectory()) return directoryFiles(path);
    throw new Error(`the archive ${path} is neither a folder nor a .zip; give the folder itself, or zip it`);
  }
  throw new Error("only archives of local files can be deployed here; download a remote archive first");
}

/** The content of a Pulumi asset. */
export async function assetBytes(source: unknown): Promise<Uint8Array> {
  if (source instanceof asset.StringAsset) return Buffer.from(await source.text, "utf8");
  if (source instanceof asset.FileAsset) return readFile(await source.path);
  throw new Error("only assets of local files and of text can be deployed here; download a remote asset first");
}

/** Base64 of the SHA-256, as Lambda prints it (`CodeSha256`). */
export function sha256Base64(bytes: Uint8Array): string {
  return createHash("sha256").update(bytes).digest("base64");
}

function isAsset(entry: unknown): boolean {
  return entry instanceof asset.StringAsset || entry instanceof asset.FileAsset || entry instanceof asset.RemoteAsset;
}

async function directoryFiles(root: string, prefix = ""): Promise<Files> {
  const files: Files = {};
  for (const entry of await readdir(join(root, prefix), { withFileTypes: true })) {
    const path = posix.join(prefix, entry.name);
    if (entry.isDirectory()) Object.assign(files, await directoryFiles(root, path));
    else files[path] = await readFile(join(root, path));
  }
  return files;
}

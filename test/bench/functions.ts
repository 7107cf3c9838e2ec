import * as aws from "@pulumi/aws";
import type * as pulumi from "@pulumi/pulumi";
import { zipSync } from "fflate";
import { deviceLog } from "../../functions/deviceLog";
import { remind } from "../../functions/reminder/remind";
import { startReminder } from "../../functions/reminder/startReminder";
import { program } from "../support/programs";
import { record } from "../support/record";
import type { BenchResult } from "./result";

/** The bytes of each function's zip, beside what CallbackFunction packs of the same callback by itself. */
export async function run(): Promise<BenchResult> {
  const ours = await record(program);
  const factories: Record<string, () => aws.lambda.Callback<never, unknown>> = {
    "overheated-remind-function": remind as never,
    "overheated-start-function": startReminder as never,
    "device-log-function": deviceLog as never,
  };
  const rows: { what: string; value: string; note?: string }[] = [];
  for (const { name, inputs } of ours.all("aws:lambda/function:Function")) {
    const bytes = await zippedBytes(await inputs.code);
    const factory = factories[name];
    let note: string | undefined;
    if (factory) {
      const plain = await record(() => new aws.lambda.CallbackFunction(name, { callbackFactory: factory }));
      const theirs = await uncompressedBytes(await plain.one("aws:lambda/function:Function").inputs.code);
      const own = await uncompressedBytes(await inputs.code);
      note = `unpacked ${kilobytes(own)}; CallbackFunction by default packs ${kilobytes(theirs)}, ${Math.round(theirs / own)} times as much`;
    }
    rows.push({ what: name, value: `${bytes} bytes zipped`, note });
  }
  return { title: "What a function's zip holds", rows };
}

type Archive = pulumi.asset.AssetArchive & {
  assets: Promise<Record<string, { text?: Promise<string>; path?: Promise<string> }>>;
};

async function zippedBytes(code: Archive): Promise<number> {
  const files: Record<string, Uint8Array> = {};
  for (const [name, asset] of Object.entries(await code.assets)) {
    // Of a package, which is a folder, only what our own code asks of it is of interest here.
    if (asset.text) files[name] = Buffer.from(await asset.text);
  }
  return zipSync(files, { level: 9 }).length;
}

async function uncompressedBytes(code: Archive): Promise<number> {
  let bytes = 0;
  for (const asset of Object.values(await code.assets)) {
    bytes += asset.text ? Buffer.byteLength(await asset.text) : sizeOf((await asset.path)!);
  }
  return bytes;
}

function sizeOf(path: string): number {
  const { readdirSync, statSync } = require("node:fs") as typeof import("node:fs");
  const found = statSync(path);
  if (!found.isDirectory()) return found.size;
  return readdirSync(path).reduce((sum, name) => sum + sizeOf(`${path}/${name}`), 0);
}

const kilobytes = (bytes: number) => `${(bytes / 1024).toFixed(1)} KB`;

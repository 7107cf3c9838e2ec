import * as aws from "@pulumi/aws";
import type * as pulumi from "@pulumi/pulumi";
import { zipSync } from "fflate";
import { deviceLog } from "../../functions/deviceLog";
import { remind } from "../../functions/reminder/remind";
import { startReminder } from "../../functions/reminder/startReminder";
import { programFunctions } from "../support/programFunctions";
import { record } from "../support/record";
import type { BenchResult } from "./result";

/** The bytes of each function's zip, beside what CallbackFunction packs of the same callback by itself. */
export async function run(): Promise<BenchResult> {
  const factories: Record<string, () => aws.lambda.Callback<never, unknown>> = {
    "overheated-remind-function": remind as never,
    "overheated-start-function": startReminder as never,
    "device-log-function": deviceLog as never,
  };
  const rows: { what: string; value: string; note?: string }[] = [];
  for (const [name, { code, files }] of await programFunctions()) {
    const bytes = zipSync({ "__index.js": Buffer.from(code) }, { level: 9 }).length;
    const factory = factories[name];
    const packages = files.filter((file) => file !== "__index.js");
    let note = packages.length > 0 ? `without ${packages.join(", ")}` : undefined;
    if (factory) {
      const plain = await record(() => new aws.lambda.CallbackFunction(name, { callbackFactory: factory }));
      const theirs = await uncompressedBytes(await plain.one("aws:lambda/function:Function").inputs.code);
      const own = Buffer.byteLength(code);
      note = `unpacked ${kilobytes(own)}; CallbackFunction by default packs ${kilobytes(theirs)}, ${Math.round(theirs / own)} times as much`;
    }
    rows.push({ what: name, value: `${bytes} bytes zipped`, note });
  }
  return { title: "What a function's zip holds", rows };
}

type Archive = pulumi.asset.AssetArchive & {
  assets: Promise<Record<string, { text?: Promise<string>; path?: Promise<string> }>>;
};

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

import { program } from "./programs";
import { record } from "./record";

/** A function of the program, as it would be uploaded. */
export interface ProgramFunction {
  /** What its zip holds. */
  readonly files: readonly string[];
  readonly code: string;
  readonly environment: Readonly<Record<string, string>>;
}

/** All functions of the program, by their name in it. */
export async function programFunctions(): Promise<ReadonlyMap<string, ProgramFunction>> {
  const recording = await record(program);
  const functions = recording.all("aws:lambda/function:Function").map(async ({ name, inputs }) => {
    const assets: Record<string, { text: Promise<string> }> = await inputs.code.assets;
    const code = await assets["__index.js"]!.text;
    return [name, { files: Object.keys(assets), code, environment: inputs.environment?.variables ?? {} }] as const;
  });
  return new Map(await Promise.all(functions));
}

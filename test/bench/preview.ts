import * as fs from "node:fs";
import * as path from "node:path";
import { parse } from "yaml";
import { startLocalCloud } from "../../sandbox/localCloud";
import { PulumiProject } from "../engine/pulumiProject";
import { makeToolchain } from "../engine/toolchain/toolchain";
import { type BenchResult, percentile } from "./result";

const times = 5;
const repository = path.resolve(__dirname, "../..");
const read = (file: string) => fs.readFileSync(path.join(repository, file), "utf8");

/** `pulumi preview` of the whole stack, in turn without and with all policy packs. */
export async function run(): Promise<BenchResult> {
  const toolchain = await makeToolchain(() => {});
  const stackFile = read("Pulumi.local.yaml");
  const { config } = parse(stackFile) as { config: Record<string, string[] & string> };
  const cloud = await startLocalCloud({ accountId: config["aws:allowedAccountIds"]![0], region: config["aws:region"] });
  const { name, main, ...projectFile } = parse(read("Pulumi.yaml"));
  const project = new PulumiProject({
    toolchain,
    cloud,
    main: path.join(repository, main),
    project: name,
    projectFile,
    stackFiles: { local: stackFile },
  });
  try {
    await project.ok("stack", "init", "local");
    const packs = ["conventions", "security", "reliability"].flatMap((pack) => [
      "--policy-pack",
      path.join(repository, "policies", pack),
    ]);
    const plain: number[] = [];
    const checked: number[] = [];
    // Once before it counts: the first preview compiles what the others find compiled.
    for (let time = 0; time <= times; time += 1) {
      const without = await seconds(() => project.ok("preview", "--stack", "local"));
      const all = await seconds(() => project.ok("preview", "--stack", "local", ...packs));
      if (time === 0) continue;
      plain.push(without);
      checked.push(all);
    }
    const ratios = checked.map((value, at) => value / (plain[at] as number));
    const engine =
      toolchain.engine === "official" ? "the official CLI" : "an engine built from its module, over the plugin";
    return {
      title: "Preview of the whole stack, with the real engine",
      rows: [
        {
          what: "without policy packs",
          value: `${percentile(plain, 0.5).toFixed(1)} s`,
          note: `${engine}; median of ${times}`,
        },
        { what: "with all three packs", value: `${percentile(checked, 0.5).toFixed(1)} s` },
        {
          what: "ratio, pair by pair",
          value: percentile(ratios, 0.5).toFixed(2),
          note: "each pack is a Node process that starts beside the program",
        },
      ],
    };
  } finally {
    project.remove();
    await cloud.stop();
  }
}

async function seconds(work: () => Promise<unknown>): Promise<number> {
  const start = performance.now();
  await work();
  return (performance.now() - start) / 1000;
}

import { createInterface } from "node:readline";
import { readCommand } from "./cli/commands";
import { type CliOptions, help, readOptions, UsageError } from "./cli/options";
import { appsIn, followUpdates } from "./cli/updates";
import type { DeltaHandler } from "./deltaFollower";
import { Device } from "./device";
import { ConnectionError } from "./errors";
import type { UpdateAgent } from "./updateAgent";

const say = (text: string) => process.stdout.write(`${text}\n`);
const complain = (text: string) => process.stderr.write(`${text}\n`);

async function main(args: readonly string[]): Promise<number> {
  let options: CliOptions | undefined;
  try {
    options = readOptions(args);
    if (options?.appsFolder) appsIn(options.appsFolder);
  } catch (error) {
    if (!(error instanceof UsageError)) throw error;
    complain(`${error.message}. See --help.`);
    return 2;
  }
  if (!options) {
    say(help);
    return 0;
  }
  try {
    return await serve(await Device.connect({ ...options, connectTimeout: 5 }), options);
  } catch (error) {
    if (!(error instanceof ConnectionError)) throw error;
    complain(error.message);
    return 3;
  }
}

/** Does what the lines say, one after the other, until there are no more. */
async function serve(device: Device, { shadowName, appsFolder }: CliOptions): Promise<number> {
  device.on("disconnected", ({ message }) => complain(message));
  device.on("connectionFailed", ({ message }) => complain(message));
  device.on("connected", () => say("connected again"));
  device.on("dropped", (topic) => complain(`too much waits: the oldest for ${topic} was dropped`));
  device.on("undelivered", (topic, error) => complain(`${topic}, from before: ${(error as Error).message}`));
  device.on("queueFailed", ({ message }) => complain(message));
  process.once("SIGINT", () => void device.close().finally(() => process.exit(130)));
  say(`connected as ${device.thingName}`);
  let failed = 0;
  const attempt = async (work: () => Promise<unknown>) => {
    try {
      await work();
    } catch (error) {
      failed++;
      complain(`${(error as Error).name}: ${(error as Error).message}`);
    }
  };
  const show: DeltaHandler = (delta, version) => {
    say(`delta ${JSON.stringify(delta)} (version ${version})`);
  };
  await attempt(() => device.onDelta(show, { shadowName }));
  let agent: UpdateAgent | undefined;
  if (appsFolder) {
    await attempt(async () => {
      agent = await followUpdates(device, appsFolder, say, complain);
    });
  }
  for await (const line of createInterface({ input: process.stdin })) {
    let done = false;
    await attempt(async () => {
      const command = readCommand(line, device.thingName);
      done = command.verb === "quit";
      if (command.verb === "report") say(`accepted, version ${await device.report(command.patch, { shadowName })}`);
      if (command.verb === "get") say(JSON.stringify(await device.get({ shadowName })));
      if (command.verb === "publish") {
        await device.publish(command.topic, command.payload);
        say(`published to ${command.topic}`);
      }
      if (command.verb === "subscribe") {
        await device.subscribe(command.filter, (payload, topic) => say(`${topic} ${payload}`));
        say(`subscribed to ${command.filter}`);
      }
    });
    if (done) break;
  }
  await agent?.stop();
  await device.close();
  return failed > 0 ? 1 : 0;
}

void main(process.argv.slice(2)).then(
  // The SDK would keep the process for a while.
  (code) => process.exit(code),
  (error) => {
    complain(String(error?.stack ?? error));
    process.exit(1);
  },
);

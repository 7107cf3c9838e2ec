/** A device that keeps what waits in a folder, and says what it is told to until somebody ends it. */
import { createInterface } from "node:readline";
import { Device, type DeviceOptions, telemetryTopic } from "../../devices";

async function live(options: DeviceOptions): Promise<void> {
  const device = await Device.connect(options);
  device.on("disconnected", () => process.stdout.write("offline\n"));
  device.on("queueFailed", ({ message }) => process.stdout.write(`${message}\n`));
  process.stdout.write(device.connected ? "connected\n" : "started\n");
  for await (const line of createInterface({ input: process.stdin })) {
    const [verb, value] = line.split(" ");
    const n = Number(value);
    // The oldest are dropped when too many wait.
    if (verb === "measure") device.publish(telemetryTopic(device.thingName), { n }).catch(() => {});
    if (verb === "report") device.report({ n }).catch(() => {});
    process.stdout.write(`${line}: waits\n`);
  }
}

void live(JSON.parse(process.argv[2] as string));

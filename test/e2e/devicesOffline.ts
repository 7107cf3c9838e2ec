/** A device that keeps what waits in a folder, and says what it is told to until somebody ends it. */
import { createInterface } from "node:readline";
import { Device, type DeviceOptions, telemetryTopic } from "../../devices";

async function live(options: DeviceOptions): Promise<void> {
  const device = await Device.connect(options);
  device.on("disconnected", () => process.stdout.write("offline\n"));
  device.on("queueFailed", ({ message }) => process.stdout.write(`${message}\n`));
  process.stdout.write("connected\n");
  for await (const line of createInterface({ input: process.stdin })) {
    const [verb, value] = line.split(" ");
    if (verb === "measure") void device.publish(telemetryTopic(device.thingName), { n: Number(value) });
    if (verb === "report") void device.report({ n: Number(value) });
    process.stdout.write(`${line}: waits\n`);
  }
}

void live(JSON.parse(process.argv[2] as string));

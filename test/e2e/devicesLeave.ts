/** A device that lives through everything that can happen to a connection, and leaves without process.exit(). */
import { once } from "node:events";
import { Device, type DeviceOptions } from "../../devices";

async function live(options: DeviceOptions): Promise<void> {
  const device = await Device.connect(options);
  await device.report({ here: true });
  const failed = once(device, "connectionFailed");
  const back = once(device, "connected");
  process.stdout.write("cut me off\n");
  await failed;
  process.stdout.write("let me back\n");
  await back;
  await device.report({ here: false });
  await device.close();
}

void live(JSON.parse(process.argv[2] as string));

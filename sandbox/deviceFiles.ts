import { mkdirSync, writeFileSync } from "node:fs";
import * as path from "node:path";

/** A device as the stack's output `devices` has it. */
export interface DeclaredDevice {
  readonly thingName: string;
  readonly certificatePem: string;
  readonly privateKey: string;
}

/** What a device needs to connect. */
export interface DeviceCredentials {
  readonly thingName: string;
  readonly certificatePath: string;
  readonly keyPath: string;
}

/** Writes certificates and keys as files that only their owner can read. */
export function writeDeviceFiles(folder: string, devices: readonly DeclaredDevice[] = []): DeviceCredentials[] {
  const home = path.join(folder, "devices");
  mkdirSync(home, { recursive: true, mode: 0o700 });
  return devices.map(({ thingName, certificatePem, privateKey }) => {
    // A colon is fine in a thing's name and not in every file system's.
    const stem = path.join(home, thingName.replace(/:/g, "_"));
    writeFileSync(`${stem}.pem`, certificatePem, { mode: 0o600 });
    writeFileSync(`${stem}.key`, privateKey, { mode: 0o600 });
    return { thingName, certificatePath: `${stem}.pem`, keyPath: `${stem}.key` };
  });
}

import type { TelemetryOutputs } from "../../common/stackOutputs";
import { waitFor } from "../../common/waitFor";
import { awsConfig } from "../../sandbox/aws";
import type { Session } from "../../sandbox/session";
import type { Timeline } from "../timeline";
import type { DemoDevice } from "./demoDevices";
import { type TelemetryPrefix, TelemetryStore } from "./telemetryStore";

/** What became of the messages of the demonstration. */
export interface TelemetryOutcome {
  readonly sent: number;
  readonly stored: number;
  readonly quarantined: number;
}

const READINGS = 25;
const EVERY_MS = 100;

/**
 * Every device sends what it measures; one also sends a message that is no JSON. In the end all that was sent has to be
 * stored or in quarantine, none lost and none there twice.
 */
export async function playTelemetry(
  session: Session,
  devices: readonly DemoDevice[],
  timeline: Timeline,
): Promise<{ outcome: TelemetryOutcome; problems: string[] }> {
  const { bucketName } = session.outputs.telemetry as TelemetryOutputs;
  const store = new TelemetryStore(awsConfig(session.cloud), bucketName);
  const rows = (prefix: TelemetryPrefix) =>
    store.rows(prefix, (key, { length }) =>
      timeline.say("store", prefix, `${key.slice(prefix.length + 1)}  ${length} message${length === 1 ? "" : "s"}`),
    );
  let outcome: TelemetryOutcome = { sent: 0, stored: 0, quarantined: 0 };
  try {
    let sent: number | undefined;
    const sending = Promise.all(devices.map((device, at) => sendReadings(device, at === 0))).then((counts) => {
      sent = counts.reduce((sum, count) => sum + count, 0);
      timeline.say("device", "all", `have sent ${sent} messages of telemetry`);
    });
    const storing = waitFor(
      "all messages in the store and the quarantine",
      async () => {
        const [stored, quarantined] = [await rows("telemetry"), await rows("quarantine")];
        outcome = { sent: sent ?? 0, stored: stored.length, quarantined: quarantined.length };
        return sent !== undefined && outcome.stored + outcome.quarantined >= sent;
      },
      { seconds: 60, everyMs: 200, lastSeen: () => outcome },
    );
    await Promise.all([sending, storing]);
    return { outcome, problems: problemsOf(outcome) };
  } catch (error) {
    return { outcome, problems: [`telemetry: ${(error as Error).message}`] };
  } finally {
    store.close();
  }
}

function problemsOf({ sent, stored, quarantined }: TelemetryOutcome): string[] {
  if (stored + quarantined === sent && quarantined === 1) return [];
  return [`telemetry: ${sent} messages were sent, one of them bad; ${stored} are stored, ${quarantined} in quarantine`];
}

/** @returns how many messages the broker has confirmed */
async function sendReadings(device: DemoDevice, alsoBad: boolean): Promise<number> {
  for (let n = 0; n < READINGS; n++) {
    await device.measure({ n, temperature: Math.round((4 + Math.sin(n)) * 100) / 100, door: n % 10 === 0 });
    if (alsoBad && n === 3) await device.measure("temperature=4");
    await new Promise((resolve) => setTimeout(resolve, EVERY_MS));
  }
  return READINGS + (alsoBad ? 1 : 0);
}

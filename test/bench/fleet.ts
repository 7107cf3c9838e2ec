import type { FaultName } from "../../devices/simulator/faults";
import { type FleetResult, runFleet } from "../../devices/simulator/fleet";
import { placeIn } from "../../operations/place";
import { outputsFileOf } from "../../sandbox/outputsFile";
import { openSession } from "../../sandbox/session";
import { type BenchResult, milliseconds, percentile } from "./result";

const DEVICES = 200;
const IMAGE = 65_536;

/** One device in ten. */
const FAULTS: Partial<Record<FaultName, number>> = {
  offline: 0.04,
  slow: 0.02,
  crash: 0.02,
  corrupt: 0.01,
  reject: 0.01,
};

/**
 * A release to simulated devices by the stack's FirmwareRollout, without faults and with, from the upload to the last word:
 * some two and a half minutes on two quiet cores, most of it the local cloud's own.
 */
export async function run(): Promise<BenchResult> {
  const session = await openSession();
  const place = placeIn(outputsFileOf(session));
  const release = (faults: typeof FAULTS, seed: number) =>
    runFleet({
      place,
      mqtt: session.cloud.mqtt,
      devices: DEVICES,
      faults,
      seed,
      imageSize: IMAGE,
      timeout: 300,
    });
  try {
    const healthy = await release({}, 1);
    const faulty = await release(FAULTS, 7);
    for (const { outcomes } of [healthy, faulty]) check(outcomes);
    const losses = faulty.outcomes.reduce((sum, outcome) => sum + outcome.losses, 0);
    const reasons = faulty.outcomes.filter(({ status }) => status !== "SUCCEEDED").length;
    return {
      title: `Fleet: a release of ${IMAGE / 1024} KB to ${DEVICES} simulated devices`,
      rows: [
        { what: "upload to the end of the release, no faults", value: time(healthy), note: rate(healthy) },
        {
          what: "the same with 10 % faults",
          value: time(faulty),
          note: `${rate(faulty)}; ${losses} losses of connection or power`,
        },
        { what: "upload to first download, no faults", value: firsts(healthy) },
        { what: "upload to first download, 10 % faults", value: firsts(faulty) },
        {
          what: "devices on the right version",
          value: `${DEVICES - reasons} of ${DEVICES}`,
          note: `the other ${reasons} on their old version, with a recorded reason; none damaged`,
        },
        { what: "memory of the fleet, connected", value: `${healthy.memory.fleet.toFixed(0)} MB` },
        {
          what: "peak memory of the process, the local cloud in it",
          value: `${faulty.memory.peak.toFixed(0)} MB`,
          note: "by itself, npm run simulate prints its own",
        },
      ],
    };
  } finally {
    await session.stop();
  }
}

/** A fast wrong answer is none. */
function check(outcomes: FleetResult["outcomes"]): void {
  const wrong = outcomes.filter(({ isRight }) => !isRight);
  if (wrong.length > 0) throw new Error(`${wrong.length} devices ended wrongly: ${JSON.stringify(wrong.slice(0, 3))}`);
}

const time = ({ seconds }: FleetResult) => `${seconds.release.toFixed(1)} s`;
const rate = ({ seconds }: FleetResult) => `${(DEVICES / seconds.release).toFixed(1)} executions/s`;
const firsts = ({ firstDownloads }: FleetResult) =>
  `p50 ${milliseconds(percentile(firstDownloads, 0.5))}, p95 ${milliseconds(percentile(firstDownloads, 0.95))}`;

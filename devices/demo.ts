import type { Device, JsonObject } from ".";
import { telemetryTopic } from "./core/topics";

export interface DemoOptions {
  /**
   * Milliseconds between measurements.
   * @default 2000
   */
  readonly every?: number;
  /** A number in [0, 1), for the measurements. @default Math.random */
  readonly random?: () => number;
  /** Told of measurements that did not get through. */
  readonly onError?: (error: unknown) => void;
}

/** Degrees Celsius. The firmware calls it overheated above the limit. */
const healthy = { from: 20, to: 24 };
const overheated = { from: 91, to: 95 };

/**
 * A heater for demonstrations. It measures its temperature: each measurement goes to the telemetry topic, and to the shadow
 * whether it is overheated, which an app shows. What is desired of it, it does and reports.
 *
 * It fails and recovers when told; it knows nothing of reminders.
 */
export class DemoDevice {
  private isOverheated = false;
  private timer: NodeJS.Timeout | undefined;

  private constructor(
    readonly device: Device,
    private readonly options: DemoOptions,
  ) {}

  /** Begins to follow what is desired, reports that all is well, and measures from then on. */
  static async start(device: Device, options: DemoOptions = {}): Promise<DemoDevice> {
    const demo = new DemoDevice(device, options);
    await device.onDelta((delta) => demo.obey(delta));
    await demo.report();
    demo.timer = setInterval(() => void demo.measure(), options.every ?? 2000);
    return demo;
  }

  get overheated(): boolean {
    return this.isOverheated;
  }

  /** Overheats, and reports it. @returns the shadow's version. */
  fail(): Promise<number> {
    this.isOverheated = true;
    return this.report();
  }

  /** Cools down, and reports it. @returns the shadow's version. */
  recover(): Promise<number> {
    this.isOverheated = false;
    return this.report();
  }

  /** Measures no more. The device stays connected; close it yourself. */
  stop(): void {
    clearInterval(this.timer);
  }

  private report(): Promise<number> {
    return this.device.report({ overheated: this.isOverheated, temperature: Math.round(this.temperature()) });
  }

  private async measure(): Promise<void> {
    const { thingName } = this.device;
    const measurement = {
      temperature: this.temperature(),
      overheated: this.isOverheated,
      at: new Date().toISOString(),
    };
    try {
      await this.device.publish(telemetryTopic(thingName), measurement);
    } catch (error) {
      this.options.onError?.(error);
    }
  }

  /** `{"overheated": false}` is how an app switches it off to cool down; the rest it just takes on. */
  private obey(delta: JsonObject): JsonObject {
    if (typeof delta.overheated === "boolean") this.isOverheated = delta.overheated;
    return delta;
  }

  private temperature(): number {
    const { from, to } = this.isOverheated ? overheated : healthy;
    const exact = from + (this.options.random ?? Math.random)() * (to - from);
    return Math.round(exact * 10) / 10;
  }
}

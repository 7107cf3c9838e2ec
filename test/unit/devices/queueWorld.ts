import { Outbox } from "../../../devices/core/outbox";
import { KeptQueue } from "../../../devices/keptQueue";
import { MemoryDisk } from "./update/memoryDisk";

const never = new Promise<never>(() => {});

/** How many messages wait at most. */
const capacity = 4;

/** A device with a queue on a disk that loses power, and a server. */
export class QueueWorld {
  readonly disk: MemoryDisk;
  /** Messages in the order in which they were made. */
  readonly made: string[] = [];
  /** Those that the disk was done with. */
  readonly safe = new Set<string>();
  /** What the server got. */
  readonly received: string[] = [];
  /** What the device knows that the server got. */
  readonly answered = new Set<string>();
  readonly dropped = new Set<string>();
  readonly problems: string[] = [];
  lives = 0;

  constructor(random: () => number) {
    this.disk = new MemoryDisk(random);
  }

  /** One life: some time without a connection, with more than fits, some with one, some without. Until power goes. */
  async live(): Promise<void> {
    let isOver = false;
    void this.script().then(() => {
      isOver = true;
    });
    await this.turnsUntil(() => isOver || this.disk.isOff);
  }

  restorePower(): void {
    this.lives++;
    this.disk.restorePower();
  }

  /** A life with power and a connection, until nothing is left. */
  async sendAll(): Promise<void> {
    const { outbox, queue } = await this.start();
    outbox.open();
    await this.turnsUntil(() => outbox.size === 0);
    await queue.close();
  }

  private async script(): Promise<void> {
    const life = this.lives;
    const { outbox, queue } = await this.start();
    const ours: string[] = [];
    const whileOn = () => (life === this.lives && !this.disk.isOff ? undefined : never);
    const make = async (...messages: string[]) => {
      await whileOn();
      for (const message of messages.map((name) => `${life}-${name}`)) {
        this.made.push(message);
        ours.push(message);
        outbox.add(message).catch(() => {});
      }
      await queue.flushed();
      await whileOn();
      for (const message of ours) this.safe.add(message);
    };
    const sent = () => this.turnsUntil(() => outbox.size === 0 || this.disk.isOff);
    await make("a", "b");
    await make("c");
    await make("d", "e");
    outbox.open();
    await sent();
    await make("f");
    await sent();
    outbox.hold();
    await make("g");
    await make("h");
    await queue.close();
  }

  private async start() {
    const life = this.lives;
    const onProblem = ({ message }: Error) => this.problems.push(message);
    const queue = await KeptQueue.open<string>({ file: "/device/messages.log", disk: this.disk, onProblem });
    const outbox = new Outbox<string, void>({
      window: 1,
      capacity,
      backoff: { base: 0, maximum: 0 },
      afterFailure: () => "giveUp",
      keeper: queue,
      send: async (message) => {
        await this.whileOn(life);
        this.received.push(message);
        await this.whileOn(life);
        this.answered.add(message);
      },
      onDropped: (message) => this.dropped.add(message),
    });
    outbox.restore(queue.restored);
    return { outbox, queue };
  }

  private async whileOn(life: number): Promise<void> {
    if (life !== this.lives) await never;
    await this.disk.operate();
  }

  private async turnsUntil(isSo: () => boolean): Promise<void> {
    for (let turns = 0; turns < 20_000; turns++) {
      if (isSo()) return;
      await new Promise<void>((resolve) => setImmediate(resolve));
    }
    throw new Error("it never comes to that");
  }
}

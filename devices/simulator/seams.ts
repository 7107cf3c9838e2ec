import { setTimeout as pause } from "node:timers/promises";
import type { Disk, Download, Transport, Writer } from "..";
import { between, type Random } from "./faults";

/*
 * Faults are put where the agent meets the world, its transport and its disk, and never inside it.
 */

/** Bytes that a damaged or slow transport hands over at a time. */
const piece = 4096;

/** Flips one bit of the file, always the same. */
export function damaged(transport: Transport, random: Random): Transport {
  const where = random();
  return async (url, offset, signal) => {
    const answer = await transport(url, offset, signal);
    const target = Math.floor(where * (answer.size ?? 0));
    let at = answer.offset;
    return over(answer, async function* (chunk) {
      if (target >= at && target < at + chunk.length) {
        chunk = Uint8Array.from(chunk);
        chunk[target - at]! ^= 1;
      }
      at += chunk.length;
      yield chunk;
    });
  };
}

/** Pauses between pieces: the whole file takes `seconds`. */
export function slowed(transport: Transport, seconds: number): Transport {
  return async (url, offset, signal) => {
    const answer = await transport(url, offset, signal);
    return over(answer, async function* (chunk) {
      for (let at = 0; at < chunk.length; at += piece) {
        const bytes = chunk.subarray(at, at + piece);
        await pause((1000 * seconds * bytes.length) / (answer.size ?? piece), undefined, { signal });
        yield bytes;
      }
    });
  };
}

/** A connection that breaks: `breaks` times, each at some byte of the file. `lost` is told, and says when it is back. */
export function breaking(transport: Transport, breaks: number, random: Random, lost: () => Promise<void>): Transport {
  let left = breaks;
  let back: Promise<void> | undefined;
  return async (url, offset, signal) => {
    if (back) throw new Error("there is no network");
    const answer = await transport(url, offset, signal);
    if (left === 0 || answer.size === undefined) return answer;
    left--;
    const target = answer.offset + Math.floor(random() * (answer.size - answer.offset));
    let at = answer.offset;
    return over(answer, async function* (chunk) {
      if (target < at + chunk.length) {
        if (target > at) yield chunk.subarray(0, target - at);
        back = lost().finally(() => {
          back = undefined;
        });
        throw new Error("the network is gone");
      }
      at += chunk.length;
      yield chunk;
    });
  };
}

/**
 * A disk that loses power before one of its next `within` changes: it never answers again. What was written so far is there;
 * tests of the agent itself also lose what was not synced.
 */
export function losingPower(disk: Disk, within: number, random: Random, lost: () => void): Disk {
  let left = between(random, 1, within);
  const writing = new Set<Writer>();
  const change = async (): Promise<void> => {
    if (--left > 0) return;
    if (left === 0) {
      // Nobody else would close them for as long as the simulator runs.
      for (const writer of writing) await writer.close();
      lost();
    }
    await new Promise(() => {});
  };
  const before =
    <A extends unknown[], R>(work: (...args: A) => Promise<R>) =>
    async (...args: A): Promise<R> => {
      await change();
      return work(...args);
    };
  return {
    ...disk,
    rename: before(disk.rename),
    remove: before(disk.remove),
    makeLink: before(disk.makeLink),
    writeFrom: before(async (file, offset) => {
      const writer = await disk.writeFrom(file, offset);
      writing.add(writer);
      return {
        write: before((bytes) => writer.write(bytes)),
        sync: before(() => writer.sync()),
        close: async () => {
          if (writing.delete(writer)) await writer.close();
        },
      };
    }),
  };
}

function over(answer: Download, change: (chunk: Uint8Array) => AsyncGenerator<Uint8Array>): Download {
  async function* body() {
    for await (const chunk of answer.body) yield* change(chunk);
  }
  return { ...answer, body: body() };
}

import { setTimeout as delay } from "node:timers/promises";

/**
 * Asks again and again, until the answer will do.
 *
 * @param what said in the error, with the last answer
 * @param limitSeconds default 60
 */
export async function until<T>(
  what: string,
  ask: () => Promise<T>,
  done: (answer: T) => boolean,
  limitSeconds = 60,
): Promise<T> {
  const limit = Date.now() + limitSeconds * 1000;
  for (let pause = 5; ; pause = Math.min(pause * 2, 50)) {
    const answer = await ask();
    if (done(answer)) return answer;
    if (Date.now() > limit) {
      throw new Error(`${what} did not happen in ${limitSeconds} s; last seen: ${JSON.stringify(answer)}`);
    }
    await delay(pause);
  }
}

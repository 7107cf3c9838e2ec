import { expect } from "chai";
import type { StreamRecord } from "../../../common/streams";
import { type CallResult, type DeliverySettings, deliver } from "../../../sandbox/streams/deliver";

const MINUTE = 60_000;
/** Record n arrives in minute n. */
const record = (n: number): StreamRecord => ({
  sequenceNumber: String(n),
  arrived: (n * MINUTE) / 1000,
  event: {},
  bytes: 0,
});
const failed = (...numbers: number[]) => ({
  payload: { batchItemFailures: numbers.map((n) => ({ itemIdentifier: String(n) })) },
});
const thrown: CallResult = { functionError: "Unhandled", payload: { errorMessage: "no" } };
const fine: CallResult = { payload: { batchItemFailures: [] } };

interface Case {
  readonly promise: string;
  readonly settings?: Partial<DeliverySettings>;
  readonly records?: number[];
  readonly answer: (numbers: number[], call: number) => CallResult | "notReached";
  /** The batches that the function got. */
  readonly calls: number[][];
  readonly givenUp?: [numbers: number[], condition: string, calls: number][];
  readonly pauses?: number[];
  /** The last record of what is done with, each time. */
  readonly done: number[];
  readonly now?: number;
}

const throwsAt = (poison: number) => (numbers: number[]) => (numbers.includes(poison) ? thrown : fine);

const cases: Case[] = [
  { promise: "hands a batch over once", answer: () => fine, calls: [[1, 2, 3]], done: [3] },
  {
    promise: "takes an answer of nothing for success",
    answer: () => ({ payload: null }),
    calls: [[1, 2, 3]],
    done: [3],
  },
  { promise: "calls nobody for no records", records: [], answer: () => fine, calls: [], done: [] },
  {
    promise: "tries a failed batch again as often as it may, then gives it up",
    done: [3],
    settings: { maximumRetryAttempts: 2 },
    answer: () => thrown,
    calls: [
      [1, 2, 3],
      [1, 2, 3],
      [1, 2, 3],
    ],
    givenUp: [[[1, 2, 3], "RetryAttemptsExhausted", 3]],
    pauses: [1, 2],
  },
  {
    promise: "goes on with success after a retry",
    done: [3],
    settings: { maximumRetryAttempts: 2 },
    answer: (_, call) => (call === 0 ? thrown : fine),
    calls: [
      [1, 2, 3],
      [1, 2, 3],
    ],
    pauses: [1],
  },
  {
    promise: "gives up at once without retries",
    done: [3],
    settings: { maximumRetryAttempts: 0 },
    answer: () => thrown,
    calls: [[1, 2, 3]],
    givenUp: [[[1, 2, 3], "RetryAttemptsExhausted", 1]],
  },
  ...[1, 2, 3, 4].map(
    (poison): Case => ({
      promise: `halves until poison ${poison} is alone, gives up just it, and does the rest`,
      done: { 1: [1, 2, 4], 2: [1, 2, 4], 3: [2, 3, 4], 4: [2, 3, 4] }[poison]!,
      settings: { bisect: true, maximumRetryAttempts: 1 },
      records: [1, 2, 3, 4],
      answer: throwsAt(poison),
      calls: {
        1: [[1, 2, 3, 4], [1, 2], [1], [1], [2], [3, 4]],
        2: [[1, 2, 3, 4], [1, 2], [1], [2], [2], [3, 4]],
        3: [[1, 2, 3, 4], [1, 2], [3, 4], [3], [3], [4]],
        4: [[1, 2, 3, 4], [1, 2], [3, 4], [3], [4], [4]],
      }[poison]!,
      givenUp: [[[poison], "RetryAttemptsExhausted", poison % 2 === 1 ? 2 : 2]],
      pauses: [1],
    }),
  ),
  {
    promise: "does not count a call that did not reach the function as a try",
    settings: { maximumRetryAttempts: 1 },
    records: [1],
    answer: (_, call) => (call === 0 || call === 3 ? thrown : "notReached"),
    calls: [[1], [1], [1], [1]],
    givenUp: [[[1], "RetryAttemptsExhausted", 2]],
    pauses: [1, 1, 2],
    done: [1],
  },
  {
    promise: "does not halve a batch that did not reach the function",
    settings: { bisect: true },
    answer: (_, call) => (call === 0 ? "notReached" : fine),
    calls: [
      [1, 2, 3],
      [1, 2, 3],
    ],
    pauses: [1],
    done: [3],
  },
  {
    promise: "gives up what became too old without reaching the function",
    settings: { maximumRecordAge: 3600 },
    records: [1],
    now: MINUTE,
    answer: () => "notReached",
    calls: Array(7).fill([1]),
    givenUp: [[[1], "RecordAgeExceeded", 0]],
    pauses: [1, 2, 3, 4, 5, 6, 7],
    done: [1],
  },
  {
    promise: "goes on from the first record that the function names",
    done: [1, 3],
    answer: (_, call) => (call === 0 ? failed(3, 2) : fine),
    calls: [
      [1, 2, 3],
      [2, 3],
    ],
  },
  {
    promise: "starts to count anew when there was progress",
    done: [2],
    settings: { maximumRetryAttempts: 1 },
    answer: (numbers, call) => (call < 2 ? failed(1) : failed(numbers[1] ?? numbers[0]!)),
    records: [1, 2],
    calls: [
      [1, 2],
      [1, 2],
    ],
    givenUp: [[[1, 2], "RetryAttemptsExhausted", 2]],
    pauses: [1],
  },
  {
    promise: "does not read the answer of a function that was not asked to name failures",
    done: [3],
    settings: { partialResponses: false },
    answer: () => failed(2),
    calls: [[1, 2, 3]],
  },
  {
    promise: "takes a name that is in no record for the failure of all",
    done: [3],
    settings: { maximumRetryAttempts: 0 },
    answer: () => failed(9, 2),
    calls: [[1, 2, 3]],
    givenUp: [[[1, 2, 3], "RetryAttemptsExhausted", 1]],
  },
  {
    promise: "gives up what is too old, and does the rest",
    done: [1, 3],
    settings: { maximumRecordAge: 60 },
    now: 3 * MINUTE,
    answer: () => fine,
    calls: [[2, 3]],
    givenUp: [[[1], "RecordAgeExceeded", 0]],
  },
  {
    promise: "gives up between retries what has become too old",
    done: [1],
    settings: { maximumRecordAge: 3600, maximumRetryAttempts: -1 },
    records: [1],
    now: MINUTE,
    answer: () => thrown,
    calls: Array(7).fill([1]),
    givenUp: [[[1], "RecordAgeExceeded", 7]],
    pauses: [1, 2, 3, 4, 5, 6, 7],
  },
];

describe("delivering a batch of a stream", () => {
  for (const {
    promise,
    settings,
    records = [1, 2, 3],
    answer,
    calls,
    givenUp = [],
    pauses = [],
    done,
    now = 0,
  } of cases) {
    it(promise, async () => {
      const seen = { calls: [] as number[][], givenUp: [] as unknown[], pauses: [] as number[], done: [] as number[] };
      let clock = now;
      const numbersOf = (batch: readonly StreamRecord[]) => batch.map(({ sequenceNumber }) => Number(sequenceNumber));
      await deliver(
        records.map(record),
        { bisect: false, partialResponses: true, maximumRetryAttempts: -1, maximumRecordAge: -1, ...settings },
        {
          now: () => clock,
          call: async (batch) => {
            seen.calls.push(numbersOf(batch));
            return answer(numbersOf(batch), seen.calls.length - 1);
          },
          giveUp: async ({ records: lost, condition, calls: count }) => {
            seen.givenUp.push([numbersOf(lost), condition, count]);
          },
          done: ({ sequenceNumber }) => seen.done.push(Number(sequenceNumber)),
          pause: async (retry) => {
            seen.pauses.push(retry);
            clock += 10 * MINUTE;
          },
        },
      );
      expect(seen).to.deep.equal({ calls, givenUp, pauses, done });
    });
  }
});

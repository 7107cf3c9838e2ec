import { expect } from "chai";
import { type AnomalyTimes, timeline } from "../../../console/src/logic/timeline";

const begun: AnomalyTimes = { openedAt: 1000, remindersSent: 0, count: 5, nextReminderAt: 2000 };
const shown = (anomaly: AnomalyTimes, now: number) =>
  timeline(anomaly, now).marks.map(({ kind, position, number }) => `${kind}${number ?? ""}@${position.toFixed(2)}`);

describe("console: the timeline of an anomaly", () => {
  const cases: [what: string, anomaly: AnomalyTimes, now: number, marks: string[]][] = [
    [
      "just begun: all reminders lie ahead, at equal distances",
      begun,
      1000,
      ["opened@0.00", "planned1@0.20", "planned2@0.40", "planned3@0.60", "planned4@0.80", "planned5@1.00", "now@0.00"],
    ],
    [
      "two were sent: where they were follows from the next",
      { ...begun, remindersSent: 2, nextReminderAt: 4000 },
      3500,
      ["opened@0.00", "sent1@0.20", "sent2@0.40", "planned3@0.60", "planned4@0.80", "planned5@1.00", "now@0.50"],
    ],
    [
      "where each was sent is known: there it is",
      { ...begun, remindersSent: 2, remindedAt: [2100, 3000], nextReminderAt: 4000, count: 3 },
      3500,
      ["opened@0.00", "sent1@0.37", "sent2@0.67", "planned3@1.00", "now@0.83"],
    ],
    [
      "a reminder is late: the line goes on to now",
      { ...begun, count: 1 },
      3000,
      ["opened@0.00", "planned1@0.50", "now@1.00"],
    ],
    [
      "acknowledged: no reminder lies ahead",
      { openedAt: 1000, remindersSent: 1, remindedAt: [2000], count: 5 },
      3000,
      ["opened@0.00", "sent1@0.50", "now@1.00"],
    ],
    [
      "ended: the end is the end",
      { ...begun, remindersSent: 1, remindedAt: [2000], endedAt: 2500, nextReminderAt: 3000 },
      9000,
      ["opened@0.00", "sent1@0.67", "ended@1.00"],
    ],
    ["ended in the moment it began", { ...begun, endedAt: 1000 }, 9000, ["opened@0.00", "ended@0.00"]],
    [
      "the clock of this browser is behind",
      begun,
      500,
      ["opened@0.00", "planned1@0.20", "planned2@0.40", "planned3@0.60", "planned4@0.80", "planned5@1.00", "now@0.00"],
    ],
  ];
  for (const [what, anomaly, now, marks] of cases) {
    it(what, () => expect(shown(anomaly, now)).to.deep.equal(marks));
  }

  it("never lies outside of its line", () => {
    const { marks, reached } = timeline({ ...begun, remindersSent: 9, remindedAt: [900, 99_000] }, 5000);
    for (const position of [...marks.map((mark) => mark.position), reached]) expect(position).to.be.within(0, 1);
  });
});

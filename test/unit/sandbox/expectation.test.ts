import { expect } from "chai";
import { expectedReminders, type Story } from "../../../start/scenario/expectation";

describe("how many reminders a device of the scenario should get", () => {
  const never = { sent: 5, count: 5, interval: 1 };
  const repaired = { ...never, repairedAfter: 2, openedAt: 0 };
  const cases: [string, Story, number][] = [
    ["all, when nobody repairs it", never, 5],
    ["all, also when one is missing", { ...never, sent: 4 }, 5],
    ["two, when it is repaired after the second", { ...repaired, sent: 2, solvedAt: 2100 }, 2],
    ["two, also when a third came that was due after the repair", { ...repaired, sent: 3, solvedAt: 2900 }, 2],
    [
      "three, when the second was so late that the third was due before the repair",
      { ...repaired, sent: 3, solvedAt: 3100 },
      3,
    ],
    ["two, when the repair came just in time for the third", { ...repaired, sent: 2, solvedAt: 3010 }, 2],
    ["two, when only one came", { ...repaired, sent: 1, solvedAt: 2100 }, 2],
    ["two, when it was never seen to be solved", { ...repaired, sent: 5 }, 2],
  ];
  for (const [what, story, expected] of cases) {
    it(what, () => expect(expectedReminders(story)).to.equal(expected));
  }
});

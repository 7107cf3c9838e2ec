import { expect } from "chai";
import { PresenceOrder } from "../../../sandbox/fleetIndex/brokerFeed";
import { thing } from "./queryHelp";

type Event = Parameters<PresenceOrder["read"]>[0];

const connected = (versionNumber: number): Event => ({
  clientId: "thing1",
  eventType: "connected",
  timestamp: 1000 + versionNumber,
  versionNumber,
});
const disconnected = (versionNumber: number, disconnectReason = "CONNECTION_LOST"): Event => ({
  ...connected(versionNumber),
  eventType: "disconnected",
  disconnectReason,
});

describe("presence events", () => {
  const cases: [what: string, events: Event[], connected: boolean | undefined][] = [
    ["a device that connects is connected", [connected(0)], true],
    ["a device that goes is not", [connected(0), disconnected(0)], false],
    ["a device that comes back is", [connected(0), disconnected(0), connected(1)], true],
    ["the end of an old connection does not end a new one", [connected(0), connected(1), disconnected(0)], true],
    ["the end of the new one does", [connected(0), connected(1), disconnected(0), disconnected(1)], false],
    ["the end of a connection from before the index is one", [disconnected(7)], false],
    [
      "counting starts again after a long absence",
      [connected(9), disconnected(9), connected(0), disconnected(0)],
      false,
    ],
  ];
  for (const [what, events, expected] of cases) {
    it(what, () => {
      const order = new PresenceOrder();
      let { thing: state } = thing();
      for (const event of events) state = order.read(event)?.apply(state) ?? state;
      expect(state.connectivity?.connected).to.equal(expected);
    });
  }

  it("a disconnect tells when and why, a connect only when", () => {
    const order = new PresenceOrder();
    const told = (event: Event) => order.read(event)?.apply(thing().thing).connectivity;
    expect(told(connected(3))).to.deep.equal({ connected: true, timestamp: 1003 });
    expect(told(disconnected(3, "CLIENT_ERROR"))).to.deep.equal({
      connected: false,
      timestamp: 1003,
      disconnectReason: "CLIENT_ERROR",
    });
  });
});

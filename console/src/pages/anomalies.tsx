import type { Api } from "../api/client";
import { useLive, useNow } from "../live";
import { Empty, LiveStatus, Loaded } from "../parts/loaded";
import { Page } from "../parts/page";
import { queryOf, setQuery } from "../router";
import { AnomalyCard } from "./anomalyCard";

const shown = [
  ["open", "Open"],
  ["ended", "Ended"],
] as const;

/** What is wrong in the fleet, and what was. */
export function Anomalies({ api }: { api: Api }) {
  const status = queryOf("status") === "ended" ? "ended" : "open";
  const anomalies = useLive(`anomalies ${status}`, 3000, (signal) => api.listAnomalies({ status }, signal));
  const now = useNow();
  return (
    <Page title="Anomalies" aside={<LiveStatus live={anomalies} />}>
      <fieldset class="toolbar">
        <legend class="unseen">Which anomalies</legend>
        {shown.map(([value, text]) => (
          <button
            key={value}
            type="button"
            aria-pressed={status === value}
            onClick={() => setQuery("status", value === "open" ? "" : value)}
          >
            {text}
          </button>
        ))}
      </fieldset>
      <Loaded live={anomalies} what="the anomalies" lines={4}>
        {({ anomalies: found }) =>
          found.length === 0 ? (
            status === "open" ? (
              <Empty title="All is well">No thing reports an anomaly.</Empty>
            ) : (
              <Empty title="No anomaly has ended yet" />
            )
          ) : (
            found.map((anomaly) => (
              <AnomalyCard
                key={`${anomaly.thingName} ${anomaly.kind} ${anomaly.openedAt}`}
                named
                api={api}
                anomaly={anomaly}
                now={now}
                onChanged={anomalies.refresh}
              />
            ))
          )
        }
      </Loaded>
    </Page>
  );
}

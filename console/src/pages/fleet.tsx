import { useEffect, useState } from "preact/hooks";
import type { Api } from "../api/client";
import type { Anomaly, ThingSummary } from "../api/types";
import { useLive, useNow } from "../live";
import { Badge, ConnectivityBadge, When } from "../parts/badge";
import { Empty, LiveStatus, Loaded } from "../parts/loaded";
import { Page } from "../parts/page";
import { queryOf, setQuery, thingPath } from "../router";

const pageSize = 50;

/** Every thing that the person may see, with what is wrong first to be seen. */
export function Fleet({ api }: { api: Api }) {
  const search = queryOf("q");
  const query = useSettled(search, 250);
  // The tokens of the pages up to this one: the API only ever tells the next.
  const [pages, setPages] = useState<{ query: string; tokens: readonly (string | undefined)[] }>({
    query,
    tokens: [undefined],
  });
  const tokens = pages.query === query ? pages.tokens : [undefined];
  const pageToken = tokens.at(-1);
  const things = useLive(`things ${query} ${pageToken}`, 5000, (signal) =>
    api.listThings({ query, limit: pageSize, pageToken }, signal),
  );
  const open = useLive("anomalies open", 5000, (signal) => api.listAnomalies({ status: "open" }, signal));
  const now = useNow(5000);
  const anomalies = byThing(open.data?.anomalies ?? []);

  return (
    <Page
      title="Fleet"
      aside={
        <>
          {anomalies.size > 0 && (
            <a href="/anomalies">
              <Badge tone="bad">
                {anomalies.size === 1 ? "1 thing needs you" : `${anomalies.size} things need you`}
              </Badge>
            </a>
          )}
          <LiveStatus live={things} />
        </>
      }
    >
      <search class="toolbar">
        <label class="grow">
          <span class="unseen">Search things</span>
          <input
            type="search"
            placeholder="Part of a name, or attributes.site:oslo shadow.reported.temperature>8"
            value={search}
            maxLength={200}
            autoComplete="off"
            spellcheck={false}
            onInput={(event) => setQuery("q", event.currentTarget.value)}
          />
        </label>
        <button
          type="button"
          aria-pressed={search === offline}
          onClick={() => setQuery("q", search === offline ? "" : offline)}
        >
          Disconnected
        </button>
      </search>
      <Loaded live={things} what="the fleet" lines={8}>
        {({ things: found, nextPageToken }) => (
          <>
            {found.length === 0 ? (
              query === "" ? (
                <Empty title="No things yet">
                  A thing appears here as soon as it is registered with AWS IoT and yours to see.
                </Empty>
              ) : (
                <Empty title={`Nothing matches ${query}`}>
                  <button type="button" onClick={() => setQuery("q", "")}>
                    Clear the search
                  </button>
                </Empty>
              )
            ) : (
              <Things things={found} anomalies={anomalies} now={now} />
            )}
            {(tokens.length > 1 || nextPageToken) && (
              <nav class="paging" aria-label="Pages of the fleet">
                <button
                  type="button"
                  disabled={tokens.length === 1}
                  onClick={() => setPages({ query, tokens: tokens.slice(0, -1) })}
                >
                  Previous
                </button>
                <span class="quiet">Page {tokens.length}</span>
                <button
                  type="button"
                  disabled={!nextPageToken}
                  onClick={() => setPages({ query, tokens: [...tokens, nextPageToken] })}
                >
                  Next
                </button>
              </nav>
            )}
          </>
        )}
      </Loaded>
    </Page>
  );
}

const offline = "connectivity.connected:false";

function Things(props: {
  things: readonly ThingSummary[];
  anomalies: ReadonlyMap<string, readonly Anomaly[]>;
  now: number;
}) {
  return (
    <div class="card">
      <table class="rows fleet">
        <caption class="unseen">Things</caption>
        <thead>
          <tr>
            <th scope="col">Thing</th>
            <th scope="col">State</th>
            <th scope="col">Connection</th>
            <th scope="col">Apps</th>
            <th scope="col">Since</th>
          </tr>
        </thead>
        <tbody>
          {props.things.map((thing) => {
            const wrong = props.anomalies.get(thing.thingName) ?? [];
            return (
              <tr key={thing.thingName} class={wrong.length > 0 ? "alarmed" : undefined} data-thing={thing.thingName}>
                <th scope="row">
                  <a href={thingPath(thing.thingName)}>{thing.thingName}</a>
                  {thing.thingTypeName && <span class="quiet small"> {thing.thingTypeName}</span>}
                </th>
                <td>
                  {wrong.length > 0 ? (
                    wrong.map(({ kind }) => (
                      <Badge key={kind} tone="bad">
                        {kind}
                      </Badge>
                    ))
                  ) : thing.connectivity.connected ? (
                    <Badge tone="ok">Well</Badge>
                  ) : (
                    <span class="quiet">–</span>
                  )}
                </td>
                <td>
                  <ConnectivityBadge connectivity={thing.connectivity} />
                </td>
                <td class="small">
                  <Versions apps={thing.apps} />
                </td>
                <td class="small quiet">
                  {thing.connectivity.timestamp ? <When at={thing.connectivity.timestamp} now={props.now} /> : "–"}
                </td>
              </tr>
            );
          })}
        </tbody>
      </table>
    </div>
  );
}

export function Versions({ apps = {} }: { apps?: ThingSummary["apps"] }) {
  const entries = Object.entries(apps);
  if (entries.length === 0) return <span class="quiet">–</span>;
  return (
    <ul class="versions">
      {entries.map(([app, version]) => (
        <li key={app}>
          {app} <strong>{version}</strong>
        </li>
      ))}
    </ul>
  );
}

function byThing(anomalies: readonly Anomaly[]): Map<string, Anomaly[]> {
  const found = new Map<string, Anomaly[]>();
  for (const anomaly of anomalies) {
    found.set(anomaly.thingName, [...(found.get(anomaly.thingName) ?? []), anomaly]);
  }
  return found;
}

/** A value once it has not changed for a while, so that not every key pressed becomes a request. */
function useSettled<T>(value: T, milliseconds: number): T {
  const [settled, setSettled] = useState(value);
  useEffect(() => {
    const timer = window.setTimeout(() => setSettled(value), milliseconds);
    return () => window.clearTimeout(timer);
  }, [value, milliseconds]);
  return settled;
}

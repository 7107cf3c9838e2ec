import type { Api } from "../api/client";
import type { Thing as ThingData } from "../api/types";
import { useLive, useNow } from "../live";
import { Badge, ConnectivityBadge, When } from "../parts/badge";
import { Empty, LiveStatus, Loaded } from "../parts/loaded";
import { Page } from "../parts/page";
import { AnomalyCard } from "./anomalyCard";
import { DesiredEditor } from "./desiredEditor";
import { Versions } from "./fleet";
import { ShadowTable } from "./shadowTable";
import { Telemetry } from "./telemetry";

/** One thing: what is desired of it, what it reports, what it measures, and what went wrong with it. */
export function Thing({ api, thingName }: { api: Api; thingName: string }) {
  const thing = useLive(`thing ${thingName}`, 2000, (signal) => api.getThing(thingName, signal));
  const anomalies = useLive(`anomalies of ${thingName}`, 4000, (signal) => api.anomaliesOf(thingName, signal));
  const now = useNow();
  const open = anomalies.data?.anomalies.filter(({ endedAt }) => endedAt === undefined) ?? [];

  return (
    <Page
      title={thingName}
      above={
        <p class="back">
          <a href="/">Fleet</a>
        </p>
      }
      aside={
        <>
          {open.map(({ kind }) => (
            <Badge key={kind} tone="bad">
              {kind}
            </Badge>
          ))}
          <LiveStatus live={thing} />
        </>
      }
    >
      <Loaded live={thing} what={thingName} lines={6}>
        {(data) => (
          <>
            <Facts thing={data} now={now} />
            <section aria-labelledby="shadow">
              <div class="heading">
                <h2 id="shadow">State</h2>
                <span class="quiet small">
                  version {data.shadow.version}
                  {data.shadow.timestamp > 0 && (
                    <>
                      , <When at={data.shadow.timestamp * 1000} now={now} />
                    </>
                  )}
                </span>
              </div>
              <div class="split">
                <ShadowTable shadow={data.shadow} />
                <DesiredEditor key={thingName} api={api} thing={data} onSaved={thing.refresh} />
              </div>
            </section>
          </>
        )}
      </Loaded>
      {/* Of a thing that is not there, or not theirs, there is nothing more to say. */}
      {(thing.data || !thing.error) && (
        <>
          <Telemetry api={api} thingName={thingName} />
          <section aria-labelledby="anomalies">
            <h2 id="anomalies">Anomalies</h2>
            <Loaded live={anomalies} what="its anomalies" lines={2}>
              {({ anomalies: found }) =>
                found.length === 0 ? (
                  <Empty title="Nothing has gone wrong with it" />
                ) : (
                  found.map((anomaly) => (
                    <AnomalyCard
                      key={`${anomaly.kind} ${anomaly.openedAt}`}
                      api={api}
                      anomaly={anomaly}
                      now={now}
                      onChanged={anomalies.refresh}
                    />
                  ))
                )
              }
            </Loaded>
          </section>
        </>
      )}
    </Page>
  );
}

function Facts({ thing, now }: { thing: ThingData; now: number }) {
  const { connectivity, attributes, apps, thingTypeName } = thing;
  return (
    <dl class="facts">
      <div>
        <dt>Connection</dt>
        <dd>
          <ConnectivityBadge connectivity={connectivity} />{" "}
          {connectivity.timestamp && (
            <span class="quiet small">
              <When at={connectivity.timestamp} now={now} />
            </span>
          )}
        </dd>
      </div>
      {thingTypeName && (
        <div>
          <dt>Type</dt>
          <dd>{thingTypeName}</dd>
        </div>
      )}
      <div>
        <dt>Apps</dt>
        <dd>
          <Versions apps={apps} />
        </dd>
      </div>
      {Object.entries(attributes).map(([name, value]) => (
        <div key={name}>
          <dt>{name}</dt>
          <dd>{value}</dd>
        </div>
      ))}
    </dl>
  );
}

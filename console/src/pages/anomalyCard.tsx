import type { Api } from "../api/client";
import type { Anomaly } from "../api/types";
import { duration } from "../logic/time";
import { timesOf } from "../logic/timeline";
import { useAction } from "../parts/action";
import { announce } from "../parts/announce";
import { Badge, When } from "../parts/badge";
import { TimelineView } from "../parts/timelineView";
import { thingPath } from "../router";

/** One anomaly with its reminders on a line. */
export function AnomalyCard(props: {
  api: Api;
  anomaly: Anomaly;
  now: number;
  onChanged: () => void;
  /** Whether the thing is named: on pages of many things. */
  named?: boolean;
}) {
  const { api, anomaly, now } = props;
  const action = useAction();
  const times = timesOf(anomaly);
  const open = times.endedAt === undefined;
  // Among the anomalies of one thing it stands below a heading of its own.
  const Heading = props.named ? "h2" : "h3";
  const acknowledge = () =>
    action.run(async () => {
      await api.acknowledge(anomaly.thingName, anomaly.kind);
      announce(`No more reminders of ${anomaly.kind} for ${anomaly.thingName}.`);
      props.onChanged();
    });
  return (
    <article class={`card anomaly ${open ? "open" : "ended"}`} data-anomaly={`${anomaly.thingName} ${anomaly.kind}`}>
      <header>
        <Heading>
          {props.named && (
            <>
              <a href={thingPath(anomaly.thingName)}>{anomaly.thingName}</a>{" "}
            </>
          )}
          {open && !anomaly.acknowledged ? (
            <Badge tone="bad">{anomaly.kind}</Badge>
          ) : (
            <Badge tone={open ? "warn" : "quiet"}>{anomaly.kind}</Badge>
          )}
        </Heading>
        <p class="quiet small">
          began <When at={times.openedAt} now={now} />
          {`, ${anomaly.remindersSent} of ${anomaly.count} reminders`}
          {times.nextReminderAt !== undefined && open && !anomaly.acknowledged && (
            <>, the next {times.nextReminderAt > now ? <When at={times.nextReminderAt} now={now} /> : "now"}</>
          )}
          {times.endedAt !== undefined && (
            <>
              , {anomaly.endedBy ?? "ended"} after {duration(times.endedAt - times.openedAt)}
            </>
          )}
        </p>
        {open && (
          <div class="do">
            {anomaly.acknowledged ? (
              <span class="quiet">Acknowledged</span>
            ) : (
              <button type="button" onClick={acknowledge} disabled={action.busy}>
                Acknowledge<span class="unseen"> {`${anomaly.kind} of ${anomaly.thingName}`}</span>
              </button>
            )}
          </div>
        )}
      </header>
      <TimelineView anomaly={times} now={now} />
      <div role="alert">{action.error && <p class="notice bad">{action.error.message}</p>}</div>
    </article>
  );
}

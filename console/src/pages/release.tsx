import { useState } from "preact/hooks";
import type { Api } from "../api/client";
import { useLive, useNow } from "../live";
import { useAction } from "../parts/action";
import { announce } from "../parts/announce";
import { Badge, ReleaseBadge, When } from "../parts/badge";
import { Dialog } from "../parts/dialog";
import { Empty, LiveStatus, Loaded } from "../parts/loaded";
import { Page } from "../parts/page";
import { ProgressBar } from "../parts/progressBar";
import { thingPath } from "../router";

/** One release: how far it is, which devices failed and why, and the way to stop it. */
export function Release({ api, app, jobId }: { api: Api; app: string; jobId: string }) {
  const release = useLive(`release ${app} ${jobId}`, 2000, (signal) => api.getRelease(app, jobId, signal));
  const now = useNow(5000);
  const [asking, setAsking] = useState(false);
  const action = useAction();
  const cancel = () =>
    action.run(async () => {
      await api.cancelRelease(app, jobId);
      announce(`${jobId} is being cancelled.`);
      setAsking(false);
      release.refresh();
    });
  const { data } = release;
  return (
    <Page
      title={data ? `${app} ${data.version}` : jobId}
      above={
        <p class="back">
          <a href="/releases">Releases</a>
        </p>
      }
      aside={
        <>
          <LiveStatus live={release} />
          {data?.status === "IN_PROGRESS" && (
            <button type="button" class="danger" onClick={() => setAsking(true)}>
              Cancel release
            </button>
          )}
        </>
      }
    >
      {asking && (
        <Dialog title={`Cancel ${jobId}?`} onClose={() => setAsking(false)}>
          <p>Devices that have it keep it, those that are at it end it, and no other gets it.</p>
          <div role="alert">{action.error && <p class="notice bad">{action.error.message}</p>}</div>
          <div class="buttons">
            <button type="button" class="danger" onClick={cancel} disabled={action.busy}>
              Cancel the release
            </button>
            <button type="button" onClick={() => setAsking(false)}>
              Let it go on
            </button>
          </div>
        </Dialog>
      )}
      <Loaded live={release} what="the release" lines={4}>
        {(found) => (
          <>
            <dl class="facts">
              <div>
                <dt>State</dt>
                <dd>
                  <ReleaseBadge status={found.status} /> {found.rollback && <Badge tone="warn">rollback</Badge>}
                </dd>
              </div>
              <div>
                <dt>Started</dt>
                <dd>
                  <When at={Date.parse(found.startedAt)} now={now} />
                </dd>
              </div>
              {found.endedAt && (
                <div>
                  <dt>Ended</dt>
                  <dd>
                    <When at={Date.parse(found.endedAt)} now={now} />
                  </dd>
                </div>
              )}
              <div>
                <dt>Job</dt>
                <dd>
                  <code>{jobId}</code>
                </dd>
              </div>
            </dl>
            {found.reason && <p class="notice warn lines">{found.reason}</p>}
            <section class="card pad" aria-labelledby="progress">
              <h2 id="progress">Devices</h2>
              <ProgressBar release={found} />
            </section>
            <section aria-labelledby="failures">
              <h2 id="failures">Failures</h2>
              {found.failures.length === 0 ? (
                <Empty title="No device has failed" />
              ) : (
                <div class="card">
                  <table class="rows failures">
                    <caption class="unseen">Devices that failed</caption>
                    <thead>
                      <tr>
                        <th scope="col">Thing</th>
                        <th scope="col">State</th>
                        <th scope="col">Why</th>
                        <th scope="col">When</th>
                      </tr>
                    </thead>
                    <tbody>
                      {found.failures.map(({ thingName, status, reason, at }) => (
                        <tr key={thingName}>
                          <th scope="row">
                            <a href={thingPath(thingName)}>{thingName}</a>
                          </th>
                          <td>
                            <Badge tone="bad">{status.toLowerCase().replaceAll("_", " ")}</Badge>
                          </td>
                          <td>{reason ?? "–"}</td>
                          <td class="small quiet">
                            <When at={Date.parse(at)} now={now} />
                          </td>
                        </tr>
                      ))}
                    </tbody>
                  </table>
                  {found.moreFailures && <p class="quiet small pad">And more; the API lists the first hundred.</p>}
                </div>
              )}
            </section>
          </>
        )}
      </Loaded>
    </Page>
  );
}

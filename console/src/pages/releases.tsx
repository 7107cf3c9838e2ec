import { useState } from "preact/hooks";
import type { Api } from "../api/client";
import { useLive, useNow } from "../live";
import { Badge, ReleaseBadge, When } from "../parts/badge";
import { Empty, LiveStatus, Loaded } from "../parts/loaded";
import { Page } from "../parts/page";
import { ProgressBar } from "../parts/progressBar";
import { releasePath } from "../router";
import { PublishForm } from "./publishForm";

/** What was sent to devices, and how far it has come. */
export function Releases({ api }: { api: Api }) {
  const [publishing, setPublishing] = useState(false);
  const releases = useLive("releases", 3000, (signal) => api.listReleases({}, signal));
  const now = useNow(5000);
  return (
    <Page
      title="Releases"
      aside={
        <>
          <LiveStatus live={releases} />
          <button type="button" class="primary" onClick={() => setPublishing(true)}>
            Publish
          </button>
        </>
      }
    >
      {publishing && <PublishForm api={api} onClose={() => setPublishing(false)} onPublished={releases.refresh} />}
      <Loaded live={releases} what="the releases" lines={5}>
        {({ releases: found }) =>
          found.length === 0 ? (
            <Empty title="Nothing was released yet">Upload an artifact, and publish its version.</Empty>
          ) : (
            <div class="card">
              <table class="rows releases">
                <caption class="unseen">Releases</caption>
                <thead>
                  <tr>
                    <th scope="col">Release</th>
                    <th scope="col">State</th>
                    <th scope="col">Devices</th>
                    <th scope="col">Started</th>
                  </tr>
                </thead>
                <tbody>
                  {found.map((release) => (
                    <tr key={release.jobId} data-job={release.jobId}>
                      <th scope="row">
                        <a href={releasePath(release.app, release.jobId)}>
                          {release.app} {release.version}
                        </a>
                        {release.rollback && <Badge tone="warn">rollback</Badge>}
                      </th>
                      <td>
                        <ReleaseBadge status={release.status} />
                      </td>
                      <td>
                        <ProgressBar release={release} />
                      </td>
                      <td class="small quiet">
                        <When at={Date.parse(release.startedAt)} now={now} />
                      </td>
                    </tr>
                  ))}
                </tbody>
              </table>
            </div>
          )
        }
      </Loaded>
    </Page>
  );
}

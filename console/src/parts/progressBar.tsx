import type { Release } from "../api/types";
import { releaseProgress } from "../logic/releaseProgress";

/** How far a release has come: done, failed, under way, and those that wait. */
export function ProgressBar({ release }: { release: Pick<Release, "counts" | "status" | "app" | "version"> }) {
  const { total, done, failed, segments } = releaseProgress(release.counts);
  if (total === 0) return <span class="quiet">{noDevices(release.status)}</span>;
  const text = `${done - failed} of ${total} updated${failed > 0 ? `, ${failed} failed` : ""}`;
  return (
    <div class="progress">
      <svg
        viewBox="0 0 1000 10"
        preserveAspectRatio="none"
        role="progressbar"
        aria-label={`${release.app} ${release.version}`}
        aria-valuemin={0}
        aria-valuemax={total}
        aria-valuenow={done}
        aria-valuetext={text}
      >
        <rect class="rest" width="1000" height="10" />
        {segments.map(({ kind, start, length }) => (
          <rect key={kind} class={kind} x={start * 1000} width={length * 1000} height="10" />
        ))}
      </svg>
      <span class="figures">{text}</span>
    </div>
  );
}

function noDevices(status: Release["status"]): string {
  if (status === "CHECKING" || status === "WAITING_FOR_GROUP") return "Looking for devices that need it";
  return status === "REFUSED" ? "Nothing was sent" : "No device needs it";
}

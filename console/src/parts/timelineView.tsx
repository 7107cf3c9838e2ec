import { clock } from "../logic/time";
import { type AnomalyTimes, type Mark, timeline } from "../logic/timeline";

const radius: Readonly<Record<Mark["kind"], number>> = { opened: 5, sent: 8, planned: 8, now: 4, ended: 6 };
const x = (position: number) => `${position * 100}%`;

/** An anomaly from its beginning to its end, with each reminder. */
export function TimelineView({ anomaly, now }: { anomaly: AnomalyTimes; now: number }) {
  const { marks, reached } = timeline(anomaly, now);
  const told = marks.filter(({ kind }) => kind !== "now").map((mark) => textOf(mark, now));
  return (
    <figure class="timeline">
      <svg aria-hidden="true">
        <line class="track" x1={x(0)} x2={x(1)} y1="50%" y2="50%" />
        <line class="gone" x1={x(0)} x2={x(reached)} y1="50%" y2="50%" />
        {marks.map((mark) => (
          <g key={`${mark.kind}-${mark.number ?? ""}`} class={`mark ${mark.kind}`}>
            <title>{textOf(mark, now)}</title>
            <circle cx={x(mark.position)} cy="50%" r={radius[mark.kind]} />
            {mark.number !== undefined && (
              <text x={x(mark.position)} y="50%">
                {mark.number}
              </text>
            )}
          </g>
        ))}
      </svg>
      <figcaption class="unseen">{told.join(", ")}</figcaption>
    </figure>
  );
}

function textOf({ kind, at, number }: Mark, now: number): string {
  const when = clock(at, now);
  switch (kind) {
    case "opened":
      return `began ${when}`;
    case "sent":
      return `reminder ${number} ${when}`;
    case "planned":
      return `reminder ${number} is due ${when}`;
    case "ended":
      return `ended ${when}`;
    case "now":
      return `now, ${when}`;
  }
}

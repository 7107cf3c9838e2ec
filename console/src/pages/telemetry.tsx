import { useState } from "preact/hooks";
import type { Api } from "../api/client";
import type { NumberSummary, TelemetrySummary } from "../api/types";
import { useLive } from "../live";
import { clock } from "../logic/time";
import { Chart } from "../parts/chart";
import { Empty, Loaded } from "../parts/loaded";

const periods = [1, 3, 12, 24] as const;

/** What a thing measured: one of its numbers over time. It comes a minute late, and each look reads what is stored. */
export function Telemetry({ api, thingName }: { api: Api; thingName: string }) {
  const [hours, setHours] = useState<number>(3);
  const [chosen, setChosen] = useState<string>();
  const telemetry = useLive(`telemetry of ${thingName} ${hours}`, 30_000, (signal) =>
    api.telemetry(thingName, hours, signal),
  );
  return (
    <section aria-labelledby="telemetry">
      <div class="heading">
        <h2 id="telemetry">Telemetry</h2>
        <fieldset class="toolbar">
          <legend class="unseen">How far back</legend>
          {periods.map((period) => (
            <button key={period} type="button" aria-pressed={period === hours} onClick={() => setHours(period)}>
              {period} h
            </button>
          ))}
        </fieldset>
      </div>
      <Loaded live={telemetry} what="its telemetry" lines={3}>
        {(data) => {
          const fields = Object.keys(data.fields);
          const field = chosen !== undefined && fields.includes(chosen) ? chosen : fields[0];
          if (field === undefined) {
            return (
              <Empty title={data.messages === 0 ? "It has sent nothing" : "It has sent no numbers"}>
                {`${data.messages} messages in ${hours === 1 ? "the last hour" : `the last ${hours} hours`}.`}
              </Empty>
            );
          }
          return (
            <div class="card chart">
              <fieldset class="toolbar">
                <legend class="unseen">What is drawn</legend>
                {fields.map((name) => (
                  <button key={name} type="button" aria-pressed={name === field} onClick={() => setChosen(name)}>
                    {name}
                  </button>
                ))}
              </fieldset>
              <Figures summary={data.fields[field] as NumberSummary} data={data} />
              <Curve data={data} field={field} />
            </div>
          );
        }}
      </Loaded>
    </section>
  );
}

function Figures({ summary, data }: { summary: NumberSummary; data: TelemetrySummary }) {
  const now = Date.parse(data.to);
  return (
    <p class="quiet small figures">
      {`Last ${round(summary.last)} at ${clock(Date.parse(summary.lastAt), now)}; `}
      {`from ${round(summary.minimum)} to ${round(summary.maximum)}, ${round(summary.average)} on average, in ${summary.count} messages`}
      {data.complete
        ? "."
        : `. There is too much of it to be read at once: this is since ${clock(Date.parse(data.from), now)}.`}
    </p>
  );
}

function Curve({ data, field }: { data: TelemetrySummary; field: string }) {
  const step = data.bucketSeconds * 1000;
  const spans = data.buckets.flatMap(({ start, fields }) => {
    const summary = fields[field];
    if (!summary) return [];
    const { minimum: low, average: value, maximum: high } = summary;
    return [{ at: Date.parse(start) + step / 2, value, low, high }];
  });
  const [from, to] = [Date.parse(data.from), Date.parse(data.to)];
  return (
    <>
      <Chart
        spans={spans}
        from={from}
        to={to}
        step={step}
        label={`${field} over time; the table below has its numbers`}
      />
      <details>
        <summary>As a table</summary>
        {/* biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reachable by keyboard. */}
        <section class="scroll numbers" tabIndex={0} aria-label={`${field} as a table`}>
          <table class="rows">
            <thead>
              <tr>
                <th scope="col">From</th>
                <th scope="col">Smallest</th>
                <th scope="col">Average</th>
                <th scope="col">Largest</th>
              </tr>
            </thead>
            <tbody>
              {spans.map(({ at, low, value, high }) => (
                <tr key={at}>
                  <th scope="row">{clock(at - step / 2, to)}</th>
                  <td>{round(low)}</td>
                  <td>{round(value)}</td>
                  <td>{round(high)}</td>
                </tr>
              ))}
            </tbody>
          </table>
        </section>
      </details>
    </>
  );
}

/** As many digits as a person reads. */
const round = (value: number) => Number(value.toPrecision(5));

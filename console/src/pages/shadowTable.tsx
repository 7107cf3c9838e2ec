import type { Json, Shadow } from "../api/types";
import { type ShadowRow, shadowRows } from "../logic/shadowRows";
import { Badge } from "../parts/badge";
import { Empty } from "../parts/loaded";

/** Desired, reported and delta of a shadow side by side. */
export function ShadowTable({ shadow }: { shadow: Shadow }) {
  const rows = shadowRows(shadow);
  if (rows.length === 0) {
    return (
      <div class="card">
        <Empty title="Its shadow is empty">Nothing was reported, and nothing is desired.</Empty>
      </div>
    );
  }
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reachable by keyboard.
    <section class="card scroll" tabIndex={0} aria-label="Shadow">
      <table class="rows shadow">
        <caption class="unseen">Desired, reported and delta of each property</caption>
        <thead>
          <tr>
            <th scope="col">Property</th>
            <th scope="col">Desired</th>
            <th scope="col">Reported</th>
            <th scope="col">Delta</th>
          </tr>
        </thead>
        <tbody>
          {rows.map((row) => (
            <tr key={row.path} class={row.state} data-property={row.path}>
              <th scope="row">{row.path}</th>
              <Cell value={row.desired} />
              <Cell value={row.reported} />
              <Delta row={row} />
            </tr>
          ))}
        </tbody>
      </table>
    </section>
  );
}

function Cell({ value }: { value?: Json }) {
  return <td class="value">{value === undefined ? <span class="quiet">–</span> : JSON.stringify(value)}</td>;
}

function Delta({ row: { state, delta } }: { row: ShadowRow }) {
  if (state === "reported") {
    return (
      <td>
        <span class="quiet">–</span>
      </td>
    );
  }
  return (
    <td class="value">
      {state === "waiting" ? <Badge tone="warn">{JSON.stringify(delta)}</Badge> : <Badge tone="ok">done</Badge>}
    </td>
  );
}

import { useId, useState } from "preact/hooks";
import { type Api, ApiError } from "../api/client";
import type { JsonObject, TaggedThing } from "../api/types";
import { sameJson } from "../logic/json";
import { applyPatch, changesOf, conflicts, mergePatch } from "../logic/mergePatch";
import { parseObject } from "../logic/parseJson";
import { useAction } from "../parts/action";
import { announce } from "../parts/announce";

const pretty = (value: JsonObject) => JSON.stringify(value, null, 2);

/**
 * Edits the whole desired state; only what was changed is sent, for the desired state that the person began with. What the
 * device reports meanwhile is no conflict. What somebody else desires meanwhile is one: then the person decides.
 */
export function DesiredEditor({ api, thing, onSaved }: { api: Api; thing: TaggedThing; onSaved: () => void }) {
  const id = useId();
  const current = thing.shadow.desired;
  // What was there when the person began; undefined while they have changed nothing.
  const [draft, setDraft] = useState<{ base: JsonObject; etag: string; text: string }>();
  const action = useAction();
  const text = draft?.text ?? pretty(current);
  const base = draft?.base ?? current;
  const read = parseObject(text);
  const problem = "problem" in read ? read.problem : undefined;
  const patch = "value" in read ? mergePatch(base, read.value) : {};
  const changes = changesOf(base, patch);
  const meanwhile = draft !== undefined && !sameJson(base, current);
  const clashes = meanwhile && "value" in read ? conflicts(base, read.value, current) : [];

  const save = () =>
    action.run(async () => {
      try {
        await api.setDesired(thing.thingName, patch, draft?.etag ?? thing.etag);
      } catch (error) {
        // The next look at the thing shows what somebody else has changed, and asks what to do.
        if (error instanceof ApiError && error.status === 409) onSaved();
        throw error;
      }
      setDraft(undefined);
      announce(`${thing.thingName} is asked to change ${changes.map(({ path }) => path).join(", ")}.`);
      onSaved();
    });
  const rebase = () => {
    if ("value" in read) setDraft({ base: current, etag: thing.etag, text: pretty(applyPatch(current, patch)) });
    action.clear();
  };
  const discard = () => {
    setDraft(undefined);
    action.clear();
  };

  return (
    <form
      class="card editor"
      onSubmit={(event) => {
        event.preventDefault();
        void save();
      }}
    >
      <label for={id}>
        <strong>Desired state</strong>
      </label>
      <textarea
        id={id}
        rows={Math.min(18, Math.max(7, text.split("\n").length + 1))}
        spellcheck={false}
        autoComplete="off"
        value={text}
        aria-invalid={problem !== undefined}
        aria-describedby={`${id}-said`}
        onInput={(event) => setDraft({ base, etag: draft?.etag ?? thing.etag, text: event.currentTarget.value })}
      />
      <div id={`${id}-said`} class="said" aria-live="polite">
        {problem ? (
          <p class="bad">
            Line {problem.line}, column {problem.column}: {problem.message}
          </p>
        ) : draft && changes.length === 0 ? (
          <p class="quiet">Nothing is changed.</p>
        ) : (
          changes.length > 0 && (
            <ul class="changes">
              {changes.map(({ path, before, after }) => (
                <li key={path}>
                  <code>{path}</code> {before === undefined ? "" : JSON.stringify(before)}
                  {" → "}
                  {after === undefined ? <em>removed</em> : <strong>{JSON.stringify(after)}</strong>}
                </li>
              ))}
            </ul>
          )
        )}
        {!draft && (
          <p class="quiet">Change it, and the device is told what differs. A property that you delete is removed.</p>
        )}
      </div>
      {meanwhile && (
        <div class="notice warn" role="alert">
          <p>
            Somebody has changed what is desired since you began
            {clashes.length > 0 ? `, ${clashes.join(", ")} among it` : ""}.
          </p>
          <button type="button" onClick={rebase} disabled={problem !== undefined}>
            Put mine on top of theirs
          </button>
          <button type="button" onClick={discard}>
            Take theirs
          </button>
        </div>
      )}
      <div role="alert">{action.error && <p class="notice bad">{action.error.message}</p>}</div>
      <div class="buttons">
        <button
          type="submit"
          class="primary"
          disabled={action.busy || meanwhile || problem !== undefined || changes.length === 0}
        >
          {action.busy ? "Saving" : "Save"}
        </button>
        {draft && (
          <button type="button" onClick={discard}>
            Discard
          </button>
        )}
      </div>
    </form>
  );
}

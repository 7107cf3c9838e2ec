import type { Api } from "../api/client";
import { useAction } from "../parts/action";
import { announce } from "../parts/announce";
import { Dialog } from "../parts/dialog";

/** Starts the release of an artifact that was uploaded. */
export function PublishForm(props: { api: Api; onClose: () => void; onPublished: () => void }) {
  const action = useAction();
  const publish = (event: SubmitEvent) => {
    event.preventDefault();
    const data = new FormData(event.currentTarget as HTMLFormElement);
    const text = (name: string) => String(data.get(name) ?? "").trim();
    void action.run(async () => {
      const maximumPerMinute = Number(text("maximumPerMinute"));
      await props.api.publishRelease({
        app: text("app"),
        version: text("version"),
        ...(maximumPerMinute > 0 && { rollout: { maximumPerMinute } }),
        ...(data.has("rollback") && { rollback: true }),
      });
      announce(`${text("app")} ${text("version")} is being released.`);
      props.onPublished();
      props.onClose();
    });
  };
  return (
    <Dialog title="Publish a release" onClose={props.onClose}>
      <form onSubmit={publish}>
        <p class="quiet small">
          Its artifact is in the firmware bucket already, at <code>artifacts/app/version/file</code>.
        </p>
        <label class="field">
          <span>App</span>
          <input name="app" required pattern="[a-z][a-z0-9_]*" maxLength={32} autoComplete="off" spellcheck={false} />
        </label>
        <label class="field">
          <span>Version</span>
          <input name="version" required pattern="\d+\.\d+(\.\d+)?" placeholder="2.1" autoComplete="off" />
        </label>
        <label class="field">
          <span>Devices a minute, at most</span>
          <input name="maximumPerMinute" type="number" min={1} max={1000} placeholder="as configured" />
        </label>
        <label class="check">
          <input name="rollback" type="checkbox" /> Roll back: devices with a higher version return to this one
        </label>
        <div role="alert">{action.error && <p class="notice bad">{action.error.message}</p>}</div>
        <div class="buttons">
          <button type="submit" class="primary" disabled={action.busy}>
            {action.busy ? "Publishing" : "Publish"}
          </button>
          <button type="button" onClick={props.onClose}>
            Cancel
          </button>
        </div>
      </form>
    </Dialog>
  );
}

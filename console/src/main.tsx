import { render } from "preact";
import { Api } from "./api/client";
import { App } from "./app";
import { startSession } from "./auth/session";
import { loadConfig } from "./config";
import { startRouter } from "./router";
import "./styles/main.css";
import { applyTheme } from "./theme";

const root = document.getElementById("app") as HTMLElement;

async function start(): Promise<void> {
  const config = await loadConfig();
  const cognito = await startSession(config);
  startRouter();
  render(<App api={new Api(config.apiUrl)} cognito={cognito} />, root);
}

applyTheme();
start().catch((error: Error) => {
  render(
    <main class="sign-in">
      <div class="card notice bad" role="alert">
        <p>
          <strong>The console cannot start.</strong> {error.message}
        </p>
        <button type="button" onClick={() => window.location.reload()}>
          Try again
        </button>
      </div>
    </main>,
    root,
  );
});

import { useEffect } from "preact/hooks";
import type { Api } from "./api/client";
import type { Cognito } from "./auth/cognito";
import { caller, isAdmin, sessionKind, signOut } from "./auth/session";
import { useLive } from "./live";
import { Anomalies } from "./pages/anomalies";
import { Fleet } from "./pages/fleet";
import { Release } from "./pages/release";
import { Releases } from "./pages/releases";
import { SignIn } from "./pages/signIn";
import { Thing } from "./pages/thing";
import { Announcements } from "./parts/announce";
import { Empty } from "./parts/loaded";
import { Page } from "./parts/page";
import { location, routeOf } from "./router";
import { switchTheme, theme } from "./theme";

/** The page: the way in, or the frame with what the address names. */
export function App({ api, cognito }: { api: Api; cognito: Cognito }) {
  return sessionKind.value === "signedIn" ? (
    <Frame api={api} />
  ) : (
    <>
      <SignIn cognito={cognito} />
      <Announcements />
    </>
  );
}

const places = [
  { path: "/", text: "Fleet", pages: ["fleet", "thing"], admin: false },
  { path: "/anomalies", text: "Anomalies", pages: ["anomalies"], admin: false },
  { path: "/releases", text: "Releases", pages: ["releases", "release"], admin: true },
];

const themeNames = { system: "Auto", light: "Light", dark: "Dark" };

function Frame({ api }: { api: Api }) {
  const route = routeOf(location.value.path);
  // Groups change rarely; this is also what tells that the API is there at all.
  const me = useLive("whoami", 300_000, (signal) => api.whoami(signal));
  useEffect(() => {
    caller.value = me.data;
  }, [me.data]);
  return (
    <>
      <a class="skip" href="#main">
        Skip to the content
      </a>
      <header class="top">
        <a class="brand" href="/">
          <img src="/favicon.svg" alt="" width="24" height="24" />
          <span>thingstack</span>
        </a>
        <nav aria-label="Main">
          {places
            .filter(({ admin }) => !admin || isAdmin.value)
            .map(({ path, text, pages }) => (
              <a key={path} href={path} aria-current={pages.includes(route.page) ? "page" : undefined}>
                {text}
              </a>
            ))}
        </nav>
        <div class="who">
          <button type="button" class="plain" onClick={switchTheme} title="Light, dark, or as the system has it">
            <span aria-hidden="true">◐ </span>
            <span class="unseen">Colours: </span>
            {themeNames[theme.value]}
          </button>
          {caller.value && <span class="quiet small name">{caller.value.username}</span>}
          <button type="button" class="plain" onClick={() => void signOut()}>
            Sign out
          </button>
        </div>
      </header>
      <Content api={api} />
      <Announcements />
    </>
  );
}

function Content({ api }: { api: Api }) {
  const route = routeOf(location.value.path);
  switch (route.page) {
    case "fleet":
      return <Fleet api={api} />;
    case "thing":
      return <Thing key={route.thingName} api={api} thingName={route.thingName} />;
    case "anomalies":
      return <Anomalies api={api} />;
    case "releases":
      return <Releases api={api} />;
    case "release":
      return <Release key={route.jobId} api={api} app={route.app} jobId={route.jobId} />;
    case "unknown":
      return (
        <Page title="Not found">
          <Empty title="There is no such page">
            <a href="/">To the fleet</a>
          </Empty>
        </Page>
      );
  }
}

import { type ApiInfo, type OpenApiDocument, openApi } from "./openapi";
import { routes } from "./routes";

/** What the backend's API is called. The version grows when an app has to know of a change. */
export const apiInfo: ApiInfo = {
  title: "thingstack",
  version: "1.0.0",
  description:
    "The API of a fleet of connected devices: things and their state, anomalies and their reminders, telemetry, releases.\n\n" +
    "Sign in to the user pool and send its access token with every request. Every error is a problem document (RFC 9457) " +
    "whose `type` never changes.",
};

/** The contract of the backend's API, as docs/openapi.json has it; a stack's own names where it is reached, too. */
export const publishedDocument = (url?: string): OpenApiDocument => openApi(routes, apiInfo, url);

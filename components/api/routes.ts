import type { Route } from "./route";
import { anomalyRoutes } from "./routes/anomalies";
import { releaseRoutes } from "./routes/releases";
import { thingRoutes } from "./routes/things";

/**
 * Every route of the backend's API: what its OpenAPI document is made of, and what each of its functions may do. A new route
 * is an entry here and a function under functions/api.
 */
export const routes: readonly Route[] = [...thingRoutes, ...anomalyRoutes, ...releaseRoutes];

import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { publishedDocument } from "../components/api/published";

/** `npm run openapi`: writes the contract of the backend's API, as the table of routes has it, to docs/openapi.json. */
writeFileSync(join(__dirname, "..", "docs", "openapi.json"), `${JSON.stringify(publishedDocument(), null, 2)}\n`);

import type { Handlers } from "../../handler";
import { table } from "./table";

export const handlers: Handlers = { "aws:dynamodb/table:Table": table };

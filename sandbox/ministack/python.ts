import { execFile } from "node:child_process";
import { promisify } from "node:util";

const run = promisify(execFile);

/** MiniStack needs this Python or a newer one. */
export const OLDEST_PYTHON = [3, 10] as const;

/** Newest tested first; the plain names last, as they may be anything. */
const CANDIDATES = ["python3.13", "python3.12", "python3.11", "python3.10", "python3", "python"];

const PROBE = `
import json, sys
try:
    import venv, ensurepip
    complete = True
except ImportError:
    complete = False
print(json.dumps({"version": list(sys.version_info[:3]), "executable": sys.executable, "complete": complete}))
`;

/** One Python of this machine. */
export interface Python {
  /** Its real path, behind any shim. */
  readonly executable: string;
  /** E.g. `3.11.7` */
  readonly version: string;
  readonly newEnough: boolean;
  /** Can make virtual environments; on Debian that is a package of its own. */
  readonly complete: boolean;
}

/**
 * Finds a Python for MiniStack by the names it is usually called by.
 * @returns the first that is new enough and complete; failing that, one that says best what is missing; or undefined
 */
export async function findPython(environment: NodeJS.ProcessEnv = process.env): Promise<Python | undefined> {
  const found: Python[] = [];
  for (const name of CANDIDATES) {
    const python = await probe(name, environment);
    if (python?.newEnough && python.complete) {
      return python;
    }
    if (python !== undefined) {
      found.push(python);
    }
  }
  return found.find((python) => python.newEnough) ?? found[0];
}

async function probe(name: string, environment: NodeJS.ProcessEnv): Promise<Python | undefined> {
  try {
    // The environment of the caller decides where to look; PYTHONHOME and the like would change what is found there.
    const { PYTHONHOME, PYTHONPATH, ...env } = environment;
    const { stdout } = await run(name, ["-c", PROBE], { env, timeout: 20_000 });
    const answer = JSON.parse(stdout) as { version: [number, number, number]; executable: string; complete: boolean };
    const [major, minor] = answer.version;
    const newEnough = major > OLDEST_PYTHON[0] || (major === OLDEST_PYTHON[0] && minor >= OLDEST_PYTHON[1]);
    return {
      executable: answer.executable || name,
      version: answer.version.join("."),
      newEnough,
      complete: answer.complete,
    };
  } catch {
    return undefined; // not installed, a shim without a version behind it, or too old even for the probe
  }
}

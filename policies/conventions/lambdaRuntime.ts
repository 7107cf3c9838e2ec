import { resourcePolicy } from "../shared/policy";

interface Config {
  runtimes: string[];
  architectures: string[];
}

/** Functions run on what is still maintained. */
export const lambdaRuntime = resourcePolicy<Config>({
  name: "lambda-runtime",
  description: "Functions say their runtime and architecture, and it is one of those agreed on.",
  why:
    "a runtime that AWS has deprecated gets no security patches and, some months later, no updates of the function; and a " +
    "fleet of functions on many runtimes is patched many times.",
  fix: "set `runtime` (and `architectures`) to one of those named, or add yours to this policy's configuration.",
  link: "https://docs.aws.amazon.com/lambda/latest/dg/lambda-runtimes.html",
  severity: "medium",
  parameters: {
    runtimes: {
      description: "The runtimes agreed on",
      type: "array",
      items: { type: "string" },
      default: [
        "nodejs22.x",
        "nodejs24.x",
        "python3.12",
        "python3.13",
        "python3.14",
        "java21",
        "java25",
        "dotnet8",
        "dotnet10",
        "ruby3.4",
        "provided.al2023",
      ],
    },
    architectures: {
      description: "The architectures agreed on; a function that says none runs on x86_64",
      type: "array",
      items: { enum: ["arm64", "x86_64"] },
      default: ["arm64", "x86_64"],
    },
  },
  types: ["aws:lambda/function:Function"],
  check: ({ props, name }, { runtimes, architectures }, report) => {
    const [architecture = "x86_64"] = props.texts("architectures");
    if (!architectures.includes(architecture)) {
      report(`The function ${name} runs on ${architecture}; agreed on: ${architectures.join(", ")}.`);
    }
    // The runtime of a container image is inside of it.
    if (props.text("packageType") === "Image") return;
    const runtime = props.text("runtime");
    if (!runtime) report(`The function ${name} has no runtime.`);
    else if (!runtimes.includes(runtime))
      report(`The function ${name} runs on ${runtime}; agreed on: ${runtimes.join(", ")}.`);
  },
});

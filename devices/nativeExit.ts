interface NativeBinding {
  readonly default: { disable_threadsafe_function(): void };
}

let done = false;

/**
 * Lets the process end without a crash.
 *
 * The SDK's native part releases its callbacks when Node tears down, which aborts the process (a stack trace, exit code
 * 134 or 255) although all went well. Switching them off first prevents it; the SDK does that itself, but only in Electron:
 * https://github.com/awslabs/aws-crt-nodejs/pull/501
 */
export function exitCleanly(): void {
  if (done) return;
  done = true;
  // The copy that the SDK itself uses, wherever npm put it.
  const path = require.resolve("aws-crt/dist/native/binding", { paths: [require.resolve("aws-iot-device-sdk-v2")] });
  const binding = require(path) as NativeBinding;
  process.once("exit", () => binding.default.disable_threadsafe_function());
}

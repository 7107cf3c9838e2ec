import { Server, type ServiceDefinition, type UntypedServiceImplementation } from "@grpc/grpc-js";
import { configurationErrors, type Pack, type PackConfiguration } from "./configuration";

/** The part of the analyzer's Configure request that is read here. */
interface ConfigureCall {
  readonly request: {
    getPolicyconfigMap(): Map<string, { getProperties(): { toJavaScript(): object } | undefined }>;
  };
}

/**
 * Makes the server that `new PolicyPack` starts refuse a configuration that names what the pack does not have. Neither
 * Pulumi's engine nor @pulumi/policy does, and neither offers a place for it: so the server's own `configure` gets a check in
 * front, as it is added. Levels need no check here, the engine refuses wrong ones.
 */
export function refuseWrongConfiguration(pack: Pack): void {
  const { addService } = Server.prototype;
  Server.prototype.addService = function (service: ServiceDefinition, implementation: UntypedServiceImplementation) {
    const configure = implementation.configure as
      | ((call: ConfigureCall, callback: (error: Error) => void) => void)
      | undefined;
    if (!configure) return addService.call(this, service, implementation);
    return addService.call(this, service, {
      ...implementation,
      configure: (call: ConfigureCall, callback: (error: Error) => void) => {
        const errors = configurationErrors(pack, parametersOf(call));
        if (errors.length === 0) return configure(call, callback);
        callback(new Error(`The configuration of the policy pack ${pack.name} is wrong:\n- ${errors.join("\n- ")}`));
      },
    } as UntypedServiceImplementation);
  };
}

function parametersOf(call: ConfigureCall): PackConfiguration {
  const entries = [...call.request.getPolicyconfigMap().entries()];
  return Object.fromEntries(entries.map(([name, entry]) => [name, entry.getProperties()?.toJavaScript() ?? {}]));
}

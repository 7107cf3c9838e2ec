import * as grpc from "@grpc/grpc-js";
import { providerService, ResourceProviderService } from "./server";

/*
 * The resource provider plugin: the Pulumi engine starts it as `pulumi-resource-aws <engine address>` and reads from the
 * first line of its standard output on which port of 127.0.0.1 it serves. It ends with the engine.
 */

/** Zips of functions go over the wire. */
const maxMessageBytes = 400 * 1024 * 1024;

const server = new grpc.Server({
  "grpc.max_receive_message_length": maxMessageBytes,
  "grpc.max_send_message_length": maxMessageBytes,
});
server.addService(ResourceProviderService, providerService() as grpc.UntypedServiceImplementation);
server.bindAsync("127.0.0.1:0", grpc.ServerCredentials.createInsecure(), (error, port) => {
  if (error) throw error;
  console.log(port);
});

// The engine ends its plugins; where it was killed itself, somebody else is the parent now.
const parent = process.ppid;
setInterval(() => {
  if (process.ppid !== parent) process.exit(0);
}, 1000).unref();

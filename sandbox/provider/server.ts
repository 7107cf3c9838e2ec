import * as grpc from "@grpc/grpc-js";
import { PluginInfo } from "@pulumi/pulumi/proto/plugin_pb";
import { type IResourceProviderServer, ResourceProviderService } from "@pulumi/pulumi/proto/provider_grpc_pb";
import * as proto from "@pulumi/pulumi/proto/provider_pb";
import { Empty } from "google-protobuf/google/protobuf/empty_pb";
import { findHandler } from "../deploy/registry";
import type { PropertyChange } from "./diff";
import { type Identity, LocalAwsProvider } from "./provider";
import { decode, encode, type Path } from "./wire";

const { DIFF_NONE, DIFF_SOME } = proto.DiffResponse.DiffChanges;
const { Kind } = proto.PropertyDiff;

/** The provider's version: that of the @pulumi/aws whose types it plays. */
const version: string = require("@pulumi/aws/package.json").version;

/** The methods of a provider that the engine calls for custom resources; the rest it is told are not there. */
export function providerService(provider = new LocalAwsProvider()): Partial<IResourceProviderServer> {
  return {
    handshake: unary(() => {
      const response = new proto.ProviderHandshakeResponse();
      response.setAcceptSecrets(true);
      return response;
    }),
    getPluginInfo: unary(() => {
      const response = new PluginInfo();
      response.setVersion(version);
      return response;
    }),
    attach: unary(() => new Empty()),
    cancel: unary(() => new Empty()),

    checkConfig: unary((request: proto.CheckRequest) => {
      const response = new proto.CheckResponse();
      response.setInputs(request.getNews());
      return response;
    }),
    diffConfig: unary((request: proto.DiffRequest) => {
      const olds = decode(request.getOldInputs() ?? request.getOlds()).values;
      const same = JSON.stringify(olds) === JSON.stringify(decode(request.getNews()).values);
      const response = new proto.DiffResponse();
      response.setChanges(same ? DIFF_NONE : DIFF_SOME);
      return response;
    }),
    configure: unary((request: proto.ConfigureRequest) => {
      provider.configure(decode(request.getArgs()).values);
      const response = new proto.ConfigureResponse();
      response.setAcceptsecrets(true);
      response.setSupportspreview(true);
      return response;
    }),

    check: unary((request: proto.CheckRequest) => {
      const news = decode(request.getNews());
      const response = new proto.CheckResponse();
      response.setInputs(request.getNews());
      try {
        const inputs = provider.check(identify(request), news.values, decode(request.getOlds()).values);
        response.setInputs(encode(inputs, [...news.secrets, ...secretTags(news.secrets)]));
      } catch (error) {
        const failure = new proto.CheckFailure();
        failure.setReason((error as Error).message);
        response.addFailures(failure);
      }
      return response;
    }),
    diff: unary((request: proto.DiffRequest) => {
      const olds = decode(request.getOldInputs() ?? request.getOlds()).values;
      const difference = provider.diff(identify(request), olds, decode(request.getNews()).values);
      const { changes, replaces, deleteBeforeReplace } = difference;
      const response = new proto.DiffResponse();
      response.setChanges(changes.length > 0 ? DIFF_SOME : DIFF_NONE);
      response.setDiffsList([...new Set(changes.map(({ property }) => property))]);
      response.setReplacesList([...replaces]);
      response.setDeletebeforereplace(deleteBeforeReplace);
      response.setHasdetaileddiff(true);
      for (const change of changes) {
        response.getDetaileddiffMap().set(change.path, propertyDiff(change, replaces.includes(change.property)));
      }
      return response;
    }),
    create: unary(async (request: proto.CreateRequest) => {
      const identity = identify(request);
      const news = decode(request.getProperties());
      const response = new proto.CreateResponse();
      if (request.getPreview()) {
        response.setProperties(encode(provider.previewCreate(news.values), secretsOf(identity, news.secrets)));
        return response;
      }
      const { id, outputs } = await provider.create(identity, news.values);
      response.setId(id);
      response.setProperties(encode(outputs, secretsOf(identity, news.secrets)));
      return response;
    }),
    read: unary(async (request: proto.ReadRequest) => {
      const identity = { ...identify(request), id: request.getId() };
      const [inputs, state] = [decode(request.getInputs()), decode(request.getProperties())];
      const found = await provider.read(identity, inputs.values, state.values);
      const response = new proto.ReadResponse();
      if (found) {
        const secrets = secretsOf(identity, [...inputs.secrets, ...state.secrets]);
        response.setId(identity.id);
        response.setInputs(encode(found.inputs, inputs.secrets));
        response.setProperties(encode(found.outputs, secrets));
      }
      return response;
    }),
    update: unary(async (request: proto.UpdateRequest) => {
      const identity = { ...identify(request), id: request.getId() };
      const news = decode(request.getNews());
      const state = decode(request.getOlds());
      const olds = { inputs: decode(request.getOldInputs()).values, outputs: state.values };
      const outputs = request.getPreview()
        ? provider.previewUpdate(identity, olds.outputs, news.values)
        : await provider.update(identity, olds, news.values);
      const response = new proto.UpdateResponse();
      response.setProperties(encode(outputs, secretsOf(identity, news.secrets)));
      return response;
    }),
    delete: unary(async (request: proto.DeleteRequest) => {
      const identity = { ...identify(request), id: request.getId() };
      await provider.delete(identity, decode(request.getOldInputs()).values, decode(request.getProperties()).values);
      return new Empty();
    }),

    invoke: unary(async (request: proto.InvokeRequest) => {
      const args = decode(request.getArgs());
      const response = new proto.InvokeResponse();
      response.setReturn(encode(await provider.invoke(request.getTok(), args.values)));
      return response;
    }),
  };
}

export { ResourceProviderService };

function identify(request: { getUrn(): string }): Identity {
  const urn = request.getUrn();
  const [, , qualifiedType = "", ...name] = urn.split("::");
  return { urn, type: qualifiedType.split("$").pop()!, name: name.join("::") };
}

/** Where the outputs are secret: where the inputs were, and what the type never shows. */
function secretsOf({ type }: Identity, secrets: readonly Path[]): Path[] {
  const always = (findHandler(type)?.secretOutputs ?? []).map((property): Path => [property]);
  return [...secrets, ...secretTags(secrets), ...always];
}

/** All tags are secret where the resource's own are. */
function secretTags(secrets: readonly Path[]): Path[] {
  return secrets.filter(([property]) => property === "tags").map(([, ...rest]) => ["tagsAll", ...rest]);
}

function propertyDiff({ kind }: PropertyChange, replace: boolean): proto.PropertyDiff {
  const kinds = {
    add: replace ? Kind.ADD_REPLACE : Kind.ADD,
    delete: replace ? Kind.DELETE_REPLACE : Kind.DELETE,
    update: replace ? Kind.UPDATE_REPLACE : Kind.UPDATE,
  };
  const diff = new proto.PropertyDiff();
  diff.setKind(kinds[kind]);
  diff.setInputdiff(true);
  return diff;
}

function unary<Request, Response>(
  answer: (request: Request) => Response | Promise<Response>,
): grpc.handleUnaryCall<Request, Response> {
  return async (call, callback) => {
    try {
      callback(null, await answer(call.request));
    } catch (error) {
      callback({ code: grpc.status.UNKNOWN, details: error instanceof Error ? error.message : String(error) });
    }
  };
}

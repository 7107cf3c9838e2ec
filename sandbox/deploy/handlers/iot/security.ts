import {
  AttachPolicyCommand,
  CreateCertificateFromCsrCommand,
  CreateKeysAndCertificateCommand,
  CreatePolicyCommand,
  CreatePolicyVersionCommand,
  DeleteCertificateCommand,
  DeletePolicyCommand,
  DeletePolicyVersionCommand,
  DescribeCertificateCommand,
  DetachPolicyCommand,
  GetPolicyCommand,
  IoTClient,
  ListPolicyVersionsCommand,
  ListTargetsForPolicyCommand,
  RegisterCertificateCommand,
  RegisterCertificateWithoutCACommand,
  UpdateCertificateCommand,
} from "@aws-sdk/client-iot";
import type { iot } from "@pulumi/aws";
import { jsonText } from "../../attributes";
import { type Context, orGone } from "../../context";
import type { Created, Inputs, ResourceHandler } from "../../handler";
import { tagList } from "../../tags";
import { changeTags, readTags } from "./tags";

/** From a CSR, from a certificate of one's own, or with keys made by AWS, which it hands out only this once. */
export const certificate: ResourceHandler<iot.CertificateArgs, iot.CertificateState> = {
  replaceOn: ["csr", "caPem", "certificatePem"],
  secretOutputs: ["certificatePem", "privateKey", "publicKey", "caPem"],

  async create(inputs, ctx) {
    const client = ctx.client(IoTClient);
    const { active: setAsActive, csr: certificateSigningRequest, certificatePem, caPem } = inputs;
    if (certificateSigningRequest) {
      return created(
        await client.send(new CreateCertificateFromCsrCommand({ setAsActive, certificateSigningRequest })),
      );
    }
    if (certificatePem && caPem) {
      return created(
        await client.send(new RegisterCertificateCommand({ setAsActive, certificatePem, caCertificatePem: caPem })),
      );
    }
    if (certificatePem) {
      const status = setAsActive ? "ACTIVE" : "INACTIVE";
      return created(await client.send(new RegisterCertificateWithoutCACommand({ status, certificatePem })));
    }
    const made = await client.send(new CreateKeysAndCertificateCommand({ setAsActive }));
    const { PrivateKey: privateKey, PublicKey: publicKey } = made.keyPair ?? {};
    return { ...created(made), outputs: { privateKey, publicKey } };
  },

  async read(certificateId, _state, ctx) {
    const found = await orGone(ctx.client(IoTClient).send(new DescribeCertificateCommand({ certificateId })));
    const description = found?.certificateDescription;
    return (
      description && {
        arn: description.certificateArn,
        active: description.status === "ACTIVE",
        certificatePem: description.certificatePem,
        caCertificateId: description.caCertificateId,
      }
    );
  },

  async update(certificateId, { active }, _olds, ctx) {
    await setStatus(ctx, certificateId, active);
  },

  async delete(certificateId, _state, ctx) {
    // An active certificate cannot be deleted.
    await orGone(setStatus(ctx, certificateId, false));
    await orGone(ctx.client(IoTClient).send(new DeleteCertificateCommand({ certificateId })));
  },
};

const created = ({ certificateId }: { certificateId?: string }): Created<iot.CertificateState> => ({
  id: certificateId!,
});

async function setStatus(ctx: Context, certificateId: string, active: boolean): Promise<void> {
  const newStatus = active ? "ACTIVE" : "INACTIVE";
  await ctx.client(IoTClient).send(new UpdateCertificateCommand({ certificateId, newStatus }));
}

export const policy: ResourceHandler<iot.PolicyArgs, iot.PolicyState> = {
  autoName: { property: "name" },
  tagged: true,
  replaceOn: ["name"],

  async create(inputs, ctx) {
    await ctx.client(IoTClient).send(
      new CreatePolicyCommand({
        policyName: inputs.name,
        policyDocument: document(inputs),
        tags: tagList(inputs.tagsAll),
      }),
    );
    return inputs.name!;
  },

  async read(policyName, _state, ctx) {
    const found = await orGone(ctx.client(IoTClient).send(new GetPolicyCommand({ policyName })));
    return (
      found && {
        arn: found.policyArn,
        name: found.policyName,
        policy: found.policyDocument,
        defaultVersionId: found.defaultVersionId,
        tagsAll: await readTags(ctx, found.policyArn),
      }
    );
  },

  async update(policyName, news, olds, ctx) {
    // AWS keeps five versions at most.
    await deleteOldVersions(ctx, policyName);
    await ctx
      .client(IoTClient)
      .send(new CreatePolicyVersionCommand({ policyName, policyDocument: document(news), setAsDefault: true }));
    await changeTags(ctx, olds.arn, olds.tagsAll, news.tagsAll);
  },

  async delete(policyName, _state, ctx) {
    await orGone(deleteOldVersions(ctx, policyName));
    await orGone(ctx.client(IoTClient).send(new DeletePolicyCommand({ policyName })));
  },
};

const document = (inputs: Inputs<iot.PolicyArgs>) => jsonText(inputs.policy);

async function deleteOldVersions(ctx: Context, policyName: string): Promise<void> {
  const { policyVersions = [] } = await ctx.client(IoTClient).send(new ListPolicyVersionsCommand({ policyName }));
  for (const { versionId: policyVersionId, isDefaultVersion } of policyVersions) {
    if (!isDefaultVersion) {
      await ctx.client(IoTClient).send(new DeletePolicyVersionCommand({ policyName, policyVersionId }));
    }
  }
}

export const policyAttachment: ResourceHandler<iot.PolicyAttachmentArgs, iot.PolicyAttachmentState> = {
  replaceOn: ["policy", "target"],

  async create({ policy: policyName, target }, ctx) {
    await ctx.client(IoTClient).send(new AttachPolicyCommand({ policyName, target }));
    return `${policyName}|${target}`;
  },

  async read(id, _state, ctx) {
    const [policyName, target] = id.split("|") as [string, string];
    const found = await orGone(ctx.client(IoTClient).send(new ListTargetsForPolicyCommand({ policyName })));
    return found?.targets?.includes(target) ? { policy: policyName, target } : undefined;
  },

  async delete(id, _state, ctx) {
    const [policyName, target] = id.split("|") as [string, string];
    await orGone(ctx.client(IoTClient).send(new DetachPolicyCommand({ policyName, target })));
  },
};

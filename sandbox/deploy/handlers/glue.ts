import {
  CreateDatabaseCommand,
  CreateTableCommand,
  type DatabaseInput,
  DeleteDatabaseCommand,
  DeleteTableCommand,
  GetDatabaseCommand,
  GetTableCommand,
  GlueClient,
  type TableInput,
  UpdateDatabaseCommand,
  UpdateTableCommand,
} from "@aws-sdk/client-glue";
import type { glue } from "@pulumi/aws";
import { orGone } from "../context";
import type { Handlers, Inputs, ResourceHandler } from "../handler";

/** Glue's word for "there is no such thing". */
const gone = "EntityNotFoundException";

/** Glue knows names in lower case only, and so does Pulumi's AWS provider. */
const lowerCase = { property: "name", transform: (name: string) => name.toLowerCase() };

const catalogDatabase: ResourceHandler<glue.CatalogDatabaseArgs, glue.CatalogDatabaseState> = {
  autoName: lowerCase,
  replaceOn: ["name", "catalogId"],

  async create(inputs, ctx) {
    await ctx.client(GlueClient).send(new CreateDatabaseCommand({ DatabaseInput: databaseInput(inputs) }));
    return `${ctx.accountId}:${inputs.name}`;
  },

  async read(id, _state, ctx) {
    const Name = id.split(":")[1];
    const found = await orGone(ctx.client(GlueClient).send(new GetDatabaseCommand({ Name })), gone);
    if (!found?.Database) return undefined;
    const { Description, LocationUri, Parameters } = found.Database;
    return {
      arn: ctx.arn("glue", `database/${Name}`),
      catalogId: ctx.accountId,
      name: Name,
      description: Description,
      locationUri: LocationUri,
      parameters: Parameters,
    };
  },

  async update(id, news, _olds, ctx) {
    const Name = id.split(":")[1];
    await ctx.client(GlueClient).send(new UpdateDatabaseCommand({ Name, DatabaseInput: databaseInput(news) }));
  },

  async delete(id, _state, ctx) {
    await orGone(ctx.client(GlueClient).send(new DeleteDatabaseCommand({ Name: id.split(":")[1] })), gone);
  },
};

function databaseInput(inputs: Inputs<glue.CatalogDatabaseArgs>): DatabaseInput {
  return {
    Name: inputs.name,
    Description: inputs.description,
    LocationUri: inputs.locationUri,
    Parameters: inputs.parameters,
  };
}

const catalogTable: ResourceHandler<glue.CatalogTableArgs, glue.CatalogTableState> = {
  autoName: lowerCase,
  replaceOn: ["name", "databaseName", "catalogId"],

  async create(inputs, ctx) {
    const DatabaseName = inputs.databaseName;
    await ctx.client(GlueClient).send(new CreateTableCommand({ DatabaseName, TableInput: tableInput(inputs) }));
    return `${ctx.accountId}:${DatabaseName}:${inputs.name}`;
  },

  async read(id, _state, ctx) {
    const [, DatabaseName, Name] = id.split(":");
    const found = await orGone(ctx.client(GlueClient).send(new GetTableCommand({ DatabaseName, Name })), gone);
    const table = found?.Table;
    if (!table) return undefined;
    const { StorageDescriptor: storage } = table;
    const columns = (list: { Name?: string; Type?: string; Comment?: string }[] = []) =>
      list.map((column) => ({ name: column.Name as string, type: column.Type, comment: column.Comment }));
    return {
      arn: ctx.arn("glue", `table/${DatabaseName}/${Name}`),
      catalogId: ctx.accountId,
      databaseName: DatabaseName,
      name: Name,
      description: table.Description || undefined,
      tableType: table.TableType,
      parameters: table.Parameters,
      partitionKeys: columns(table.PartitionKeys),
      storageDescriptor: storage && {
        location: storage.Location,
        inputFormat: storage.InputFormat,
        outputFormat: storage.OutputFormat,
        compressed: storage.Compressed,
        columns: columns(storage.Columns),
        serDeInfo: storage.SerdeInfo && {
          name: storage.SerdeInfo.Name,
          serializationLibrary: storage.SerdeInfo.SerializationLibrary,
          parameters: storage.SerdeInfo.Parameters,
        },
      },
    };
  },

  async update(id, news, _olds, ctx) {
    const DatabaseName = id.split(":")[1];
    await ctx.client(GlueClient).send(new UpdateTableCommand({ DatabaseName, TableInput: tableInput(news) }));
  },

  async delete(id, _state, ctx) {
    const [, DatabaseName, Name] = id.split(":");
    await orGone(ctx.client(GlueClient).send(new DeleteTableCommand({ DatabaseName, Name })), gone);
  },
};

function tableInput(inputs: Inputs<glue.CatalogTableArgs>): TableInput {
  const storage = inputs.storageDescriptor;
  const serde = storage?.serDeInfo;
  const columns = (list: readonly { name: string; type?: string; comment?: string }[] = []) =>
    list.map(({ name, type, comment }) => ({ Name: name, Type: type, Comment: comment }));
  return {
    Name: inputs.name,
    // MiniStack keeps what an update leaves out, where Glue forgets it.
    Description: inputs.description ?? "",
    TableType: inputs.tableType,
    Parameters: inputs.parameters,
    PartitionKeys: columns(inputs.partitionKeys),
    StorageDescriptor: storage && {
      Location: storage.location,
      InputFormat: storage.inputFormat,
      OutputFormat: storage.outputFormat,
      Compressed: storage.compressed,
      Columns: columns(storage.columns),
      SerdeInfo: serde && {
        Name: serde.name,
        SerializationLibrary: serde.serializationLibrary,
        Parameters: serde.parameters,
      },
    },
  };
}

export const handlers: Handlers = {
  "aws:glue/catalogDatabase:CatalogDatabase": catalogDatabase,
  "aws:glue/catalogTable:CatalogTable": catalogTable,
};

import { expect } from "chai";
import { ApiLogging, DeviceApi, type DeviceApiArgs, Ownership, SignIn, type SignInArgs } from "../../components";
import type { Route } from "../../components/api/route";
import { type Recording, record, statementsOf } from "../support/record";
import { refusedProperties } from "../support/refusal";

interface Resources {
  readonly tableArn: string;
}
const callbackFactory = () => async () => ({ statusCode: 200, body: "{}" });
const routes: readonly Route<Resources>[] = [
  {
    operationId: "getCooler",
    method: "GET",
    path: "/coolers/{name}",
    summary: "One cooler",
    parameters: [{ name: "name", in: "path", description: "Which", schema: { type: "string" } }],
    responses: { 200: { description: "It" } },
    callbackFactory,
    grants: ({ tableArn }) => [{ sid: "ReadCoolers", actions: ["dynamodb:GetItem"], resources: [tableArn] }],
    environment: ({ tableArn }) => ({ TABLE: tableArn }),
    timeout: 5,
  },
  {
    operationId: "sellCooler",
    method: "POST",
    path: "/coolers/{name}/sale",
    summary: "Sells a cooler",
    adminOnly: true,
    responses: { 200: { description: "Sold" } },
    callbackFactory,
  },
];
const info = { title: "Coolers", description: "Of the tests", version: "1.0.0" };
const make = (more: Partial<DeviceApiArgs<Resources>> = {}) =>
  new DeviceApi("api", {
    info,
    routes,
    resources: { tableArn: "arn:coolers" },
    ...more,
    signIn: more.signIn ?? new SignIn("people"),
    ownership: more.ownership ?? new Ownership("ownership"),
    logging: more.logging ?? new ApiLogging("logging"),
  });
const api = (more: Partial<DeviceApiArgs<Resources>> = {}) => record(() => make(more));
const statements = ({ one }: Recording<unknown>, name: string) =>
  statementsOf(one("aws:iam/rolePolicy:RolePolicy", `${name}-grants`));
const stageOf = ({ one }: Recording<unknown>) => one("aws:apigateway/stage:Stage").inputs;

describe("DeviceApi", () => {
  it("has a function per route, named after it, with the rights and settings of that route only", async () => {
    const recording = await api();
    const functions = recording.all("aws:lambda/function:Function").map(({ name }) => name);
    expect(functions).to.have.members([
      "api-authorizer-function",
      "api-get-cooler-function",
      "api-sell-cooler-function",
    ]);
    const { inputs } = recording.one("aws:lambda/function:Function", "api-get-cooler-function");
    expect(inputs).to.deep.include({
      description: "One cooler",
      timeout: 5,
      environment: { variables: { TABLE: "arn:coolers" } },
    });
    const actions = (name: string) => statements(recording, name).flatMap(({ Action }) => Action);
    expect(actions("api-get-cooler")).to.include("dynamodb:GetItem");
    expect(actions("api-sell-cooler")).not.to.include("dynamodb:GetItem");
  });

  it("lets API Gateway call each function by its own route, through the alias", async () => {
    const { all } = await api();
    const allowed = all("aws:lambda/permission:Permission").map(({ inputs }) => [inputs.qualifier, inputs.sourceArn]);
    expect(allowed.map(([, arn]) => arn.split("/").slice(1).join("/")).sort()).to.deep.equal([
      "*/GET/coolers/*",
      "*/POST/coolers/*/sale",
      "authorizers/*",
    ]);
    expect(new Set(allowed.map(([qualifier]) => qualifier))).to.deep.equal(new Set(["live"]));
  });

  it("is made of a document that names the alias of each function and its own authorizer", async () => {
    const { one } = await api();
    const document = JSON.parse(one("aws:apigateway/restApi:RestApi").inputs.body);
    const uri = document.paths["/coolers/{name}"].get["x-amazon-apigateway-integration"].uri;
    expect(uri).to.match(/api-get-cooler/);
    const authorizer = document.components.securitySchemes.signedIn["x-amazon-apigateway-authorizer"];
    expect(authorizer.authorizerUri).to.match(/api-authorizer/);
    expect(authorizer.authorizerResultTtlInSeconds).to.equal(60);
  });

  it("tells its authorizer which routes are for admins", async () => {
    const { one } = await api();
    const { variables } = one("aws:lambda/function:Function", "api-authorizer-function").inputs.environment;
    expect(variables).to.include({
      ADMIN_ONLY: "POST /coolers/{name}/sale",
      OWNERSHIP_TABLE: "ownership-table-0000000",
    });
  });

  it("lets its authorizer read the table of ownership, and nothing else", async () => {
    const recording = await api();
    const [own] = statements(recording, "api-authorizer").filter(({ Sid }) => /Items/.test(Sid));
    expect(own).to.deep.include({ Action: ["dynamodb:GetItem", "dynamodb:Query"] });
    expect(JSON.stringify(own?.Resource)).to.match(/ownership-table/);
  });

  it("takes no refusal for an error of its authorizer, which has to throw to refuse", async () => {
    const { one } = await api();
    const { metricQueries } = one("aws:cloudwatch/metricAlarm:MetricAlarm", "api-authorizer-errors").inputs;
    const text = JSON.stringify(metricQueries);
    expect(text).to.include("errors - FILL(refused, 0)").and.include('"Refused"');
  });

  it("is deployed again when its document changes, and only then", async () => {
    const hash = async (more = {}) =>
      (await api(more)).one("aws:apigateway/deployment:Deployment").inputs.triggers.document as string;
    const first = await hash();
    expect(await hash()).to.equal(first);
    expect(await hash({ throttlingRate: 7 })).to.equal(first);
    expect(await hash({ routes: routes.slice(0, 1) })).not.to.equal(first);
  });

  it("has a stage with tracing, a line of JSON per request without the token, and variables", async () => {
    const stage = stageOf(await api({ variables: { colour: "blue" } }));
    expect(stage).to.deep.include({ stageName: "live", xrayTracingEnabled: true, variables: { colour: "blue" } });
    const line = JSON.parse(stage.accessLogSettings.format);
    expect(line).to.include({
      requestId: "$context.requestId",
      user: "$context.authorizer.sub",
      status: "$context.status",
    });
    expect(JSON.stringify(line)).not.to.match(/header|[Aa]uthorization/);
  });

  it("is throttled for all of its routes", async () => {
    const { one } = await api({ throttlingRate: 5, throttlingBurst: 9 });
    expect(one("aws:apigateway/methodSettings:MethodSettings").inputs).to.deep.include({
      methodPath: "*/*",
      settings: { metricsEnabled: true, throttlingRateLimit: 5, throttlingBurstLimit: 9 },
    });
  });

  it("takes a new document at once by default", async () => {
    const stage = stageOf(await api());
    expect(stage.deployment).to.equal("api-deployment-0000000");
    expect(stage.canarySettings).to.equal(undefined);
  });

  it("gives some of the requests to a new document, where it is told to go by canary", async () => {
    const stage = stageOf(await api({ canary: { percentTraffic: 10, variables: { colour: "green" } } }));
    expect(stage.canarySettings).to.deep.equal({
      deploymentId: "api-deployment-0000000",
      percentTraffic: 10,
      stageVariableOverrides: { colour: "green" },
    });
  });

  const bad: [Partial<DeviceApiArgs<Resources>>, Record<string, RegExp>][] = [
    [{ routes: [] }, { routes: /at least one/ }],
    [{ routes: [routes[0]!, routes[0]!] }, { routes: /two routes "getCooler"/ }],
    [{ stageName: "a b" }, { stageName: /letters, digits/ }],
    [{ throttlingRate: 0 }, { throttlingRate: /1 to 10000/ }],
    [{ throttlingBurst: 6000 }, { throttlingBurst: /1 to 5000/ }],
    [
      { authorizerTtl: 3601, canary: { percentTraffic: 101 } },
      { authorizerTtl: /0 to 3600/, "canary.percentTraffic": /0 to 100/ },
    ],
  ];
  for (const [more, expected] of bad) {
    it(`refuses ${JSON.stringify(Object.fromEntries(Object.entries(more).map(([key, value]) => [key, key === "routes" ? (value as []).length : value])))}`, async () => {
      const signIn = {} as SignIn;
      const args = { signIn, ownership: {} as Ownership, logging: "owned elsewhere" as const, ...more };
      const refused = await refusedProperties(() => make(args));
      expect(refused).to.have.all.keys(...Object.keys(expected));
      for (const [property, reason] of Object.entries(expected)) expect(refused[property]).to.match(reason);
    });
  }
});

describe("SignIn", () => {
  const signIn = (args: SignInArgs = {}) => record(() => new SignIn("people", args));
  const pool = async (args?: SignInArgs) => (await signIn(args)).one("aws:cognito/userPool:UserPool").inputs;
  const client = async (args?: SignInArgs) =>
    (await signIn(args)).one("aws:cognito/userPoolClient:UserPoolClient").inputs;

  it("asks for long passwords of all kinds, and lets nobody sign up who was not invited", async () => {
    const { passwordPolicy, adminCreateUserConfig, usernameAttributes } = await pool();
    expect(passwordPolicy).to.deep.equal({
      minimumLength: 12,
      requireLowercase: true,
      requireUppercase: true,
      requireNumbers: true,
      requireSymbols: true,
      temporaryPasswordValidityDays: 3,
    });
    expect(adminCreateUserConfig).to.deep.equal({ allowAdminCreateUserOnly: true });
    expect(usernameAttributes).to.deep.equal(["email"]);
  });

  it("lets people sign up where it is told to, into no group", async () => {
    expect((await pool({ selfSignUp: true })).adminCreateUserConfig).to.deep.equal({ allowAdminCreateUserOnly: false });
  });

  for (const [mfa, enabled] of [
    ["OFF", false],
    ["OPTIONAL", true],
    ["ON", true],
  ] as const) {
    it(`has a second factor by app: ${mfa}`, async () => {
      expect(await pool({ mfa })).to.deep.include({
        mfaConfiguration: mfa,
        softwareTokenMfaConfiguration: { enabled },
      });
    });
  }

  it("gives short tokens that can be revoked, and tells nobody who has an account", async () => {
    expect(await client()).to.deep.include({
      accessTokenValidity: 15,
      refreshTokenValidity: 7,
      tokenValidityUnits: { accessToken: "minutes", idToken: "minutes", refreshToken: "days" },
      enableTokenRevocation: true,
      preventUserExistenceErrors: "ENABLED",
      generateSecret: false,
    });
  });

  it("has the groups admin and user", async () => {
    const groups = (await signIn()).all("aws:cognito/userGroup:UserGroup").map(({ inputs }) => inputs.name);
    expect(groups.sort()).to.deep.equal(["admin", "user"]);
  });

  it("is protected, with the table of ownership, where data is", async () => {
    expect((await pool({ protectData: true })).deletionProtection).to.equal("ACTIVE");
    const { one } = await record(() => new Ownership("ownership", { protectData: true }));
    expect(one("aws:dynamodb/table:Table").inputs.deletionProtectionEnabled).to.equal(true);
  });

  it("refuses what can't be, all at once", async () => {
    const args = { mfa: "MAYBE", accessTokenMinutes: 4, refreshTokenDays: 0 } as unknown as SignInArgs;
    const refused = await refusedProperties(() => new SignIn("people", args));
    expect(refused).to.have.all.keys("mfa", "accessTokenMinutes", "refreshTokenDays");
  });
});

import { globSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { beforeAll, describe, expect, it } from "vitest";
import { CONTAINER } from "../../packages/pipeline/machine.ts";
import { expiring } from "../../packages/store/expiry.ts";
import { tableDefinition } from "../../packages/store/table.ts";
import { sizeProblem } from "../../stacks/fargate.ts";
import { PRIVATE, PRODUCTION, SIGNING_KEY } from "./synth/deployments.ts";
import { all, containerOf, isSecret, json, machineOf, one, open } from "./synth/query.ts";
import { ROOT, type Synthesis, synthesise } from "./synth/synthesise.ts";

let production: Synthesis;
let dev: Synthesis;
beforeAll(async () => {
  [production, dev] = await Promise.all([synthesise(PRODUCTION), synthesise(PRIVATE)]);
}, 120_000);

describe("the app", () => {
  it("keeps production from being removed, and removes any other stage whole", () => {
    expect(production.app).toMatchObject({ name: "cody-batch", protect: true, removal: "retain" });
    expect(dev.app).toMatchObject({ protect: false, removal: "remove" });
    expect(one(production, "dynamodb/table:Table").deletionProtectionEnabled).toBe(true);
    expect(one(production, "s3/bucket:Bucket").forceDestroy).toBe(false);
    expect(one(dev, "s3/bucket:Bucket").forceDestroy).toBe(true);
  });

  it("takes its region from the environment and tags everything with app and stage", () => {
    expect(production.app.providers).toEqual({
      aws: {
        version: "7.20.0",
        region: "eu-west-1",
        defaultTags: { tags: { app: "cody-batch", stage: "production" } },
      },
    });
  });

  it("refuses before it makes anything, and names every missing setting at once", async () => {
    const settings = {
      CODY_PRIVATE: "yes",
      CODY_SPEND_ALARM_USD: "lots",
      CODY_ALARM_EMAIL: "operator",
      CODY_RUNNER_CPU: "2",
      CODY_RUNNER_MEMORY: "3",
      CODY_REPOS: "*/app",
      CODY_MAX_TURNS: "many",
      CODY_MAX_MINUTES: "180",
      CODY_COMMAND_SECONDS: "-1",
      CODY_PRIVATE_HOSTS: "https://nexus.example.com",
      GITHUB_API_URL: "github.example.com",
      CODY_PEOPLE: `people.json${"x".repeat(3_000)}`,
    };
    const refusal = await synthesise({ stage: "a-branch-with-a-name-of-43-characters-in-all", settings }).catch(
      (error: { stderr: string }) => error.stderr,
    );
    for (const name of [
      "CODY_REPOS must list owner/name or owner/*, with commas between; not so: entry 1.",
      "CODY_MAX_TURNS must be a number of turns.",
      "CODY_MAX_MINUTES is a number of minutes, 110 at most.",
      "CODY_COMMAND_SECONDS must be a number of seconds, 86400 at most.",
      "CODY_PRIVATE_HOSTS must list hosts, each as host or host:port; entry 1 is neither.",
      "CODY_PEOPLE must map Slack user ids to GitHub logins",
      "GITHUB_API_URL must be an http or https address.",
      "AnthropicApiKey",
      "SlackBotToken",
      "SlackSigningSecret",
      "GithubToken",
      "CODY_PRIVATE",
      "CODY_SPEND_ALARM_USD",
      "CODY_ALARM_EMAIL",
      "CODY_RUNNER_MEMORY is 4 to 16 GB, in steps of 1, for 2 vCPU.",
      "The stage's name is longer than 30 characters",
      "CODY_PEOPLE, CODY_ADMINS, CODY_CHANNELS and GithubAppKey have 3016 bytes together",
    ])
      expect(refusal).toContain(name);
  });
});

describe("what AWS would refuse only when it is asked", () => {
  /**
   * https://docs.aws.amazon.com/general/latest/gr/aws-service-information.html, of the names that we give ourselves;
   * SST cuts its own.
   */
  const LIMITS: Record<string, number> = {
    "cloudwatch/eventRule:EventRule": 64,
    "sfn/stateMachine:StateMachine": 80,
    "sqs/queue:Queue": 80,
    "sns/topic:Topic": 256,
    "cloudwatch/metricAlarm:MetricAlarm": 255,
    "cloudwatch/logGroup:LogGroup": 512,
    "cloudwatch/logMetricFilter:LogMetricFilter": 512,
    "ssm/parameter:Parameter": 1011,
  };

  it("no name grows too long with the longest stage that is taken", () => {
    for (const [type, most] of Object.entries(LIMITS))
      for (const { inputs } of all(production, type)) {
        const name = String(inputs.name ?? "");
        const long = name.includes("production") ? name.length + 30 - "production".length : name.length;
        expect(long, name).toBeLessThanOrEqual(most);
      }
  });

  it.each<[string, string, boolean]>([
    ["0.5", "1", true],
    ["1", "8", true],
    ["1", "9", false],
    ["2", "4.5", false],
    ["8", "20", true],
    ["8", "18", false],
    ["16", "120", true],
    ["3", "8", false],
    ["1", "", false],
  ])("a task of %s vCPU and %s GB: %s", (cpu, memory, isTaken) => {
    expect(sizeProblem(cpu, memory) === undefined).toBe(isTaken);
  });

  it("the Work task has the size that is asked for, Publish stays small", () => {
    const sizeOf = (deployed: Synthesis, name: string) => {
      const { cpu, memory } = one(deployed, "ecs/taskDefinition:TaskDefinition", name);
      return [cpu, memory];
    };
    expect(sizeOf(production, "WorkTask")).toEqual(["1024", "4096"]);
    expect(sizeOf(dev, "WorkTask")).toEqual(["2048", "8192"]);
    expect(sizeOf(dev, "PublishTask")).toEqual(["512", "1024"]);
  });
});

describe("storage", () => {
  it("makes the table that the store's code asks for: keys, indexes and stream", () => {
    const made = one(production, "dynamodb/table:Table");
    const wanted = tableDefinition("jobs");
    const key = ({ hashKey, rangeKey }: { hashKey?: string; rangeKey?: string }) => [
      { AttributeName: hashKey, KeyType: "HASH" },
      { AttributeName: rangeKey, KeyType: "RANGE" },
    ];
    expect(key(made)).toEqual(wanted.KeySchema);
    expect(made.attributes).toEqual(
      wanted.AttributeDefinitions?.map(({ AttributeName, AttributeType }) => ({
        name: AttributeName,
        type: AttributeType,
      })),
    );
    const indexes = made.globalSecondaryIndexes as {
      name: string;
      hashKey: string;
      rangeKey: string;
      projectionType: string;
    }[];
    expect(
      indexes.map((index) => ({
        IndexName: index.name,
        KeySchema: key(index),
        Projection: { ProjectionType: index.projectionType },
      })),
    ).toEqual(wanted.GlobalSecondaryIndexes);
    expect(made).toMatchObject({
      billingMode: wanted.BillingMode,
      streamEnabled: true,
      streamViewType: wanted.StreamSpecification?.StreamViewType,
      pointInTimeRecovery: { enabled: true },
      ttl: { attributeName: "expiresAt", enabled: true },
    });
  });

  it("lets rows expire by the attribute that the store writes, and names in one place", () => {
    const { ttl } = one(production, "dynamodb/table:Table") as { ttl: { attributeName: string } };
    expect(expiring(new Date(1_500), "hour")).toEqual({ [ttl.attributeName]: 3_602 });
    const naming = globSync("packages/store/*.ts", { cwd: ROOT }).filter((file) =>
      readFileSync(join(ROOT, file), "utf8").includes(ttl.attributeName),
    );
    expect(naming).toEqual(["packages/store/expiry.ts"]);
  });

  it("keeps objects private, encrypted, unversioned and behind TLS, and lets scratch expire", () => {
    expect(one(production, "s3/bucketPublicAccessBlock:BucketPublicAccessBlock")).toMatchObject({
      blockPublicAcls: true,
      blockPublicPolicy: true,
      ignorePublicAcls: true,
      restrictPublicBuckets: true,
    });
    expect(json(one(production, "s3/bucketPolicy:BucketPolicy").policy).Statement).toEqual([
      {
        Effect: "Deny",
        Principal: { "*": ["*"] },
        Action: ["s3:*"],
        Resource: ["arn:aws:s3:::ArtifactsBucket", "arn:aws:s3:::ArtifactsBucket/*"],
        Condition: { Bool: { "aws:SecureTransport": ["false"] } },
      },
    ]);
    expect(one(production, "s3/bucketVersioning:BucketVersioning").versioningConfiguration).toEqual({
      status: "Enabled",
    });
    expect(all(production, "s3/bucketCorsConfiguration:BucketCorsConfiguration")).toEqual([]);
    expect(
      one(production, "s3/bucketServerSideEncryptionConfiguration:BucketServerSideEncryptionConfiguration"),
    ).toMatchObject({
      rules: [{ applyServerSideEncryptionByDefault: { sseAlgorithm: "AES256" } }],
    });
    expect(one(production, "s3/bucketLifecycleConfiguration:BucketLifecycleConfiguration").rules).toMatchObject([
      { status: "Enabled", filter: { tag: { key: "cody", value: "scratch" } }, expiration: { days: 30 } },
      {
        status: "Enabled",
        noncurrentVersionExpiration: { noncurrentDays: 30 },
        expiration: { expiredObjectDeleteMarker: true },
      },
      { status: "Enabled", filter: { prefix: "reports/" }, expiration: { days: 1 } },
      { status: "Enabled", abortIncompleteMultipartUpload: { daysAfterInitiation: 1 } },
    ]);
  });
});

describe("network", () => {
  it("costs nothing while idle: no NAT, no address, no private zone, only free gateway endpoints", () => {
    for (const type of ["ec2/natGateway:NatGateway", "ec2/eip:Eip", "ec2/instance:Instance"])
      expect(all(production, type)).toEqual([]);
    expect(production.resources.filter(({ type }) => /servicediscovery|route53|:lb\//.test(type))).toEqual([]);
    expect(
      all(production, "ec2/vpcEndpoint:VpcEndpoint").map(({ inputs }) => [inputs.serviceName, inputs.vpcEndpointType]),
    ).toEqual([
      ["com.amazonaws.eu-west-1.s3", "Gateway"],
      ["com.amazonaws.eu-west-1.dynamodb", "Gateway"],
    ]);
  });

  it("lets no call in, and lets tasks out by HTTPS only", () => {
    for (const deployed of [production, dev]) {
      expect(one(deployed, "ec2/securityGroup:SecurityGroup")).toMatchObject({
        ingress: [],
        egress: [{ protocol: "tcp", fromPort: 443, toPort: 443, cidrBlocks: ["0.0.0.0/0"] }],
      });
      expect(one(deployed, "ec2/defaultSecurityGroup:DefaultSecurityGroup")).toMatchObject({ ingress: [], egress: [] });
      expect(deployed.resources.filter(({ type }) => /securityGroup(Ingress|Egress)?Rule/.test(type))).toEqual([]);
    }
  });

  it.each<[string, () => Synthesis, Record<string, string>]>([
    ["Public", () => production, { gatewayId: "NetworkGateway-id" }],
    ["Private", () => dev, { natGatewayId: "Nat-id" }],
  ])("%s subnets lead out, each of them: a task that reaches nothing would fail without a word", (kind, of, target) => {
    expect(one(of(), "ec2/routeTable:RouteTable", `${kind}Routes`).routes).toEqual([
      { cidrBlock: "0.0.0.0/0", ...target },
    ]);
    const ways = all(of(), "ec2/routeTableAssociation:RouteTableAssociation")
      .map(({ inputs }) => `${inputs.subnetId} by ${inputs.routeTableId}`)
      .filter((way) => way.startsWith(kind));
    expect(ways).toEqual([1, 2].map((zone) => `${kind}Subnet${zone}-id by ${kind}Routes-id`));
  });

  it("with CODY_PRIVATE=1 runs tasks in private subnets behind one NAT gateway", () => {
    expect(all(dev, "ec2/natGateway:NatGateway")).toHaveLength(1);
    const states = machineOf(dev).States;
    const { AwsvpcConfiguration } = states.Runs.ItemProcessor.States.Work.Parameters.NetworkConfiguration;
    expect(AwsvpcConfiguration).toEqual({
      Subnets: ["PrivateSubnet1-id", "PrivateSubnet2-id"],
      SecurityGroups: ["TaskGroup-id"],
      AssignPublicIp: "DISABLED",
    });
    const endpoints = all(dev, "ec2/vpcEndpoint:VpcEndpoint").map(({ inputs }) => inputs.routeTableIds);
    expect(endpoints).toEqual([
      ["PublicRoutes-id", "PrivateRoutes-id"],
      ["PublicRoutes-id", "PrivateRoutes-id"],
    ]);
  });
});

describe("runner", () => {
  it("runs both zones from one image on arm64, under an init, without terminal, ports or spare capabilities", () => {
    expect(all(production, "ecs/taskDefinition:TaskDefinition")).toHaveLength(2);
    for (const task of ["Work", "Publish"] as const) {
      const container = containerOf(production, task);
      expect(container).toMatchObject({
        name: CONTAINER,
        image: containerOf(production, "Work").image,
        command: [`/cody/${task.toLowerCase()}.mjs`],
        stopTimeout: 60,
        linuxParameters: {
          initProcessEnabled: true,
          capabilities: {
            // Only commands need a supervisor, and only Work runs some.
            ...(task === "Work" && { add: ["SYS_PTRACE"] }),
            drop: expect.arrayContaining(["NET_RAW", "MKNOD"]),
          },
        },
      });
      expect(container).not.toHaveProperty("pseudoTerminal");
      expect(container).not.toHaveProperty("portMappings");
      expect(one(production, "ecs/taskDefinition:TaskDefinition", `${task}Task`).runtimePlatform).toMatchObject({
        cpuArchitecture: "ARM64",
      });
    }
    expect(one(production, "ecs/clusterCapacityProviders:ClusterCapacityProviders").capacityProviders).toEqual([
      "FARGATE",
      "FARGATE_SPOT",
    ]);
  });

  it("builds that image from the repository alone, once, with any Docker Engine: nothing of a cache is exported", () => {
    const built = production.resources.filter(({ type }) => type.startsWith("docker-build:"));
    for (const { inputs } of built) expect(inputs).not.toHaveProperty("cacheTo");
    expect(built.map(({ inputs }) => inputs)).toMatchObject([
      {
        dockerfile: { location: expect.stringMatching(/\/containers\/runner\/Dockerfile$/) },
        platforms: ["linux/arm64"],
      },
    ]);
  });

  it("takes an image of the user's own instead, and then builds none", () => {
    expect(dev.resources.filter(({ type }) => type.startsWith("docker-build:"))).toEqual([]);
    for (const task of ["Work", "Publish"] as const)
      expect(containerOf(dev, task).image).toBe("registry.example.com/cody-java:1");
  });

  it("gives each zone its own secrets, by Parameter Store and never in the task definition", () => {
    const secretsOf = (deployed: Synthesis, task: "Work" | "Publish") =>
      containerOf(deployed, task).secrets.map(({ name }) => name);
    expect(secretsOf(production, "Work")).toEqual(["ANTHROPIC_API_KEY", "GITHUB_READ_TOKEN"]);
    expect(secretsOf(production, "Publish")).toEqual(["GITHUB_WRITE_TOKEN"]);
    expect(secretsOf(dev, "Publish")).toEqual(["GITHUB_WRITE_TOKEN", "CODY_SIGNING_KEY"]);
    const parameters = all(dev, "ssm/parameter:Parameter");
    expect(parameters.map(({ inputs }) => [inputs.type, isSecret(inputs.value), open(inputs.value)])).toEqual([
      ["SecureString", true, "synthesis-anthropic"],
      ["SecureString", true, "acme=synthesis-registry"],
      ["SecureString", true, "synthesis-github-read"],
      ["SecureString", true, "synthesis-github-write"],
      ["SecureString", true, SIGNING_KEY],
    ]);
    for (const { inputs } of all(dev, "ecs/taskDefinition:TaskDefinition"))
      expect(JSON.stringify(inputs)).not.toMatch(/synthesis-/);
  });
});

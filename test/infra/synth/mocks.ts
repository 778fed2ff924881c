import type { MockCallArgs, MockResourceArgs } from "@pulumi/pulumi/runtime/index.js";

/** The account of AWS's own documentation; no real one appears in a test. */
export const ACCOUNT = "111122223333";
export const REGION = "eu-west-1";

/** What a created resource would answer. Names stay the logical ones, so that references are readable and never random. */
export function stateOf({ type, name, inputs }: MockResourceArgs): Record<string, unknown> {
  const service = type.split(":")[1]?.split("/")[0] ?? "unknown";
  const arn = `arn:aws:${service}:${REGION}:${ACCOUNT}:${name}`;
  const functionArn = `arn:aws:lambda:${REGION}:${ACCOUNT}:function:${name}`;
  const tableArn = `arn:aws:dynamodb:${REGION}:${ACCOUNT}:table/${name}`;
  const named = { ...inputs, ...("name" in inputs && { name }) };
  switch (type) {
    case "aws:lambda/function:Function":
      return {
        ...named,
        arn: functionArn,
        name,
        invokeArn: `${functionArn}:invoke`,
        qualifiedArn: `${functionArn}:1`,
        publish: inputs.publish ?? false,
      };
    case "aws:s3/bucket:Bucket":
      return { ...inputs, arn: `arn:aws:s3:::${name}`, bucket: name };
    case "aws:dynamodb/table:Table":
      return { ...named, arn: tableArn, name, streamArn: `${tableArn}/stream/2026-11-27T00:00:00.000` };
    case "aws:ecs/cluster:Cluster":
      return { ...named, arn: `arn:aws:ecs:${REGION}:${ACCOUNT}:cluster/${name}`, name };
    case "aws:ecs/taskDefinition:TaskDefinition":
      return {
        ...inputs,
        arn: `arn:aws:ecs:${REGION}:${ACCOUNT}:task-definition/${name}:1`,
        family: name,
        revision: 1,
      };
    case "aws:sfn/stateMachine:StateMachine":
      return { ...named, arn: `arn:aws:states:${REGION}:${ACCOUNT}:stateMachine:${name}`, name };
    case "aws:cloudwatch/logGroup:LogGroup":
      return { ...named, arn: `arn:aws:logs:${REGION}:${ACCOUNT}:log-group:${name}`, name };
    case "aws:ssm/parameter:Parameter":
      return { ...inputs, arn: `arn:aws:ssm:${REGION}:${ACCOUNT}:parameter/${name}` };
    case "aws:iam/role:Role":
      return { ...named, arn: `arn:aws:iam::${ACCOUNT}:role/${name}`, name };
    case "aws:sqs/queue:Queue":
      return { ...named, arn, name, url: `https://sqs.${REGION}.amazonaws.com/${ACCOUNT}/${name}` };
    case "aws:apigatewayv2/api:Api":
      return { ...named, apiEndpoint: `https://${name}.example.com`, executionArn: `${arn}/execution`, name };
    case "docker-build:index:Image":
      return { ...inputs, digest: `sha256:${"0".repeat(64)}`, ref: `${name}:latest` };
    case "random:index/randomBytes:RandomBytes":
      return { ...inputs, base64: "c3ludGhlc2lzLW9ubHktc3ludGhlc2lzLW9ubHktMDA=" };
    default:
      return { ...named, arn };
  }
}

type Statement = {
  sid?: string;
  effect?: string;
  actions?: string[];
  resources?: string[];
  principals?: { type: string; identifiers: string[] }[];
  conditions?: { test: string; variable: string; values: string[] }[];
};

/** Answers of the provider's functions. An unknown one is an error: a stack that asks the account something new is seen. */
export function answerTo({ token, inputs }: MockCallArgs): Record<string, unknown> {
  switch (token) {
    case "aws:index/getRegion:getRegion":
      return { region: REGION, name: REGION, id: REGION };
    case "aws:index/getPartition:getPartition":
      return { partition: "aws", id: "aws", dnsSuffix: "amazonaws.com" };
    case "aws:index/getCallerIdentity:getCallerIdentity":
      return { accountId: ACCOUNT, id: ACCOUNT };
    case "aws:index/getAvailabilityZones:getAvailabilityZones":
      return { names: ["a", "b", "c"].map((zone) => REGION + zone), zoneIds: ["z1", "z2", "z3"] };
    case "aws:ecr/getAuthorizationToken:getAuthorizationToken":
      return { proxyEndpoint: "https://registry.example.com", userName: "AWS", password: "registry-password" };
    case "aws:iam/getPolicyDocument:getPolicyDocument":
      refuseEmpty(inputs.statements ?? []);
      return { statements: inputs.statements, json: policyJson(inputs.statements ?? []) };
    default:
      throw new Error(`No answer is written for ${token}.`);
  }
}

/** AWS takes no policy with an empty list (MalformedPolicyDocument), and says so in the middle of a deployment. */
function refuseEmpty(statements: Statement[]) {
  const empty = statements.find(({ actions, resources }) => actions?.length === 0 || resources?.length === 0);
  if (!empty) return;
  const details = `AWS refuses a statement without actions or resources: ${JSON.stringify(empty)}`;
  // Pulumi shows what stands in `details`, as in an answer of its engine.
  throw Object.assign(new Error(details), { details });
}

/** As the provider renders it: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_grammar.html */
const policyJson = (statements: Statement[]) =>
  JSON.stringify({
    Version: "2012-10-17",
    Statement: statements.map(({ sid, effect, actions, resources, principals, conditions }) => ({
      ...(sid && { Sid: sid }),
      Effect: effect ?? "Allow",
      ...(principals && { Principal: Object.fromEntries(principals.map((one) => [one.type, one.identifiers])) }),
      Action: actions,
      Resource: resources,
      ...(conditions && {
        Condition: Object.fromEntries(conditions.map((one) => [one.test, { [one.variable]: one.values }])),
      }),
    })),
  });

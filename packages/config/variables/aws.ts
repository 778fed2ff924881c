import { JobId, RepositoryName } from "../../jobs/ids.ts";
import type { Declaration } from "../declaration.ts";
import { address, anyText, form, matches, whole } from "../forms.ts";
import { FUNCTIONS, TASKS } from "../zones.ts";

const CLIENTS = [...FUNCTIONS, ...TASKS, "socket"] as const;

/** What the stack makes. On one machine the stand-ins fill them in. */
export const AWS = {
  CODY_TABLE: {
    means: "DynamoDB table",
    value: anyText,
    zones: [...CLIENTS, "doctor"],
    needed: true,
    onAws: "stack",
  },
  CODY_BUCKET: {
    means: "S3 bucket",
    value: anyText,
    zones: [...TASKS, "slack", "socket", "health", "doctor"],
    needed: true,
    onAws: "stack",
  },
  CODY_STATE_MACHINE_ARN: {
    means: "Step Functions state machine",
    value: form(/^arn:aws[\w-]*:states:[^:]+:\d{12}:stateMachine:[^:]+$/, "must be a state machine's ARN"),
    zones: ["dispatch", "sweep", "health", "doctor"],
    needed: true,
    onAws: "stack",
  },
} as const satisfies Record<string, Declaration>;

/** What no person sets: not in `.env.example`. */
export const PLATFORM = {
  AWS_REGION: { means: "the region", value: anyText, zones: [...CLIENTS, "doctor"], needed: true, onAws: "platform" },
  AWS_PROFILE: { means: "whose credentials", value: anyText, zones: [...TASKS, "doctor"], onAws: "platform" },
  AWS_ACCESS_KEY_ID: { means: "credentials", value: anyText, zones: [...CLIENTS, "doctor"], onAws: "platform" },
  AWS_SECRET_ACCESS_KEY: {
    means: "credentials",
    value: anyText,
    zones: [...CLIENTS, "doctor"],
    secret: true,
    onAws: "platform",
  },
  AWS_SESSION_TOKEN: {
    means: "credentials",
    value: anyText,
    zones: [...CLIENTS, "doctor"],
    secret: true,
    onAws: "platform",
  },
  AWS_ENDPOINT_URL_DYNAMODB: {
    means: "a stand-in",
    value: address,
    zones: [...CLIENTS, "doctor"],
    onAws: "platform",
  },
  AWS_ENDPOINT_URL_S3: { means: "a stand-in", value: address, zones: [...CLIENTS, "doctor"], onAws: "platform" },
  AWS_ENDPOINT_URL_SFN: {
    means: "a stand-in",
    value: address,
    zones: [...FUNCTIONS, "doctor"],
    onAws: "platform",
  },
  AWS_ENDPOINT_URL_LAMBDA: {
    means: "a stand-in",
    value: address,
    zones: [...TASKS, "watch", "slack"],
    onAws: "platform",
  },
  CODY_CHANGE_SET_FUNCTION: {
    means: "the function that does what people ask for pull requests",
    value: anyText,
    zones: ["watch"],
    onAws: "stack",
  },
  CODY_SCHEDULE_FUNCTION: {
    means: "the function that starts saved jobs and waves, to be woken by a press",
    value: anyText,
    zones: ["slack"],
    onAws: "stack",
  },
  CODY_TOKEN_FUNCTION: {
    means: "with a GitHub App: the function that gives this task its token",
    value: anyText,
    zones: TASKS,
    onAws: "stack",
  },
  CODY_WORK_DIR: {
    means: "scratch space of this task; emptied first",
    value: anyText,
    zones: TASKS,
    needed: true,
    onAws: "stack",
  },
  CODY_JOB: { means: "the job", value: matches(JobId, "a job's id"), zones: TASKS, needed: true, onAws: "platform" },
  CODY_ROUND: {
    means: "the round",
    value: whole("a number of a round"),
    zones: TASKS,
    needed: true,
    onAws: "platform",
  },
  CODY_REPOSITORY: {
    means: "the repository",
    value: matches(RepositoryName, "owner/name"),
    zones: TASKS,
    needed: true,
    onAws: "platform",
  },
} as const satisfies Record<string, Declaration>;

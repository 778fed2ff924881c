/** What Step Functions tries again, after which errors, and how often. */
const BACKOFF = { BackoffRate: 2, MaxDelaySeconds: 60, JitterStrategy: "FULL" } as const;

/** A function's own throw is included: what people are to read is an outcome, so a throw means infrastructure. */
export const FUNCTION_RETRY = [
  {
    ErrorEquals: [
      "Lambda.TooManyRequestsException",
      "Lambda.ServiceException",
      "Lambda.AWSLambdaException",
      "Lambda.SdkClientException",
      "Lambda.ClientExecutionTimeoutException",
    ],
    IntervalSeconds: 2,
    MaxAttempts: 6,
    ...BACKOFF,
  },
  { ErrorEquals: ["States.TaskFailed"], IntervalSeconds: 2, MaxAttempts: 3, ...BACKOFF },
];

/** Trying again cannot help with these. */
export const HOPELESS = {
  ErrorEquals: [
    "ECS.AccessDeniedException",
    "ECS.InvalidParameterException",
    "ECS.ClusterNotFoundException",
    "ECS.ClientException",
  ],
  MaxAttempts: 0,
};
/** RunTask allows 20 a second; the optimised integration reports that as an AmazonECSException. */
export const THROTTLED = {
  ErrorEquals: [
    "ECS.AmazonECSException",
    "ECS.ThrottlingException",
    "ECS.ServerException",
    "ECS.ServiceUnavailableException",
    "ECS.SdkClientException",
  ],
  IntervalSeconds: 2,
  MaxAttempts: 8,
  ...BACKOFF,
};
export const NO_CAPACITY = { ErrorEquals: ["AmazonECS.Unknown"], IntervalSeconds: 15, MaxAttempts: 5, ...BACKOFF };
/** Every ending of a run exits 0, so any other exit is a lost runner; the next attempt goes on from its turns. */
export const LOST_RUNNER = { ErrorEquals: ["States.TaskFailed"], IntervalSeconds: 3, MaxAttempts: 2, ...BACKOFF };

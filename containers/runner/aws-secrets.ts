/** What the environment holds of AWS's; on Fargate nothing, the credentials come from outside the task. */
export const awsSecrets = (env: NodeJS.ProcessEnv) =>
  [env.AWS_SECRET_ACCESS_KEY, env.AWS_SESSION_TOKEN].filter((value) => value !== undefined);

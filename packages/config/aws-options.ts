import type { Config } from "./read.ts";

/** What the SDK's clients take. On Lambda and Fargate all of it is there by itself; endpoints are stand-ins'. */
export type AwsConfig = Pick<Config<"health">, "AWS_REGION"> &
  Partial<
    Pick<
      Config<"health">,
      | "AWS_ACCESS_KEY_ID"
      | "AWS_SECRET_ACCESS_KEY"
      | "AWS_SESSION_TOKEN"
      | "AWS_ENDPOINT_URL_DYNAMODB"
      | "AWS_ENDPOINT_URL_S3"
    >
  >;

/** From the given variables and not from the process: several environments may live in one process. */
export const awsOptions = (config: AwsConfig, endpoint?: string) => ({
  region: config.AWS_REGION,
  ...(endpoint && { endpoint }),
  ...(config.AWS_ACCESS_KEY_ID &&
    config.AWS_SECRET_ACCESS_KEY && {
      credentials: {
        accessKeyId: config.AWS_ACCESS_KEY_ID,
        secretAccessKey: config.AWS_SECRET_ACCESS_KEY,
        ...(config.AWS_SESSION_TOKEN && { sessionToken: config.AWS_SESSION_TOKEN }),
      },
    }),
});

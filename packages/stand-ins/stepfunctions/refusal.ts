/** An answer that AWS would give as an error: `name` is its code, the message its words. */
export class AwsRefusal extends Error {
  constructor(name: string, message: string) {
    super(message);
    this.name = name;
  }
}

/** https://docs.aws.amazon.com/step-functions/latest/dg/service-quotas.html */
export const MAX_PAYLOAD_BYTES = 256 * 1024;

/** Errors that no Retry and no Catch of a state machine sees, not even States.ALL. */
export class Fatal extends AwsRefusal {
  /** The engine reads both. */
  readonly isRetryable = false;
  readonly isCatchable = false;
}

export function checkPayload(payload: unknown, of: string): void {
  if (Buffer.byteLength(JSON.stringify(payload) ?? "null") > MAX_PAYLOAD_BYTES)
    throw new Fatal(
      "States.DataLimitExceeded",
      `The state/task '${of}' returned a result with a size exceeding the maximum number of bytes service limit.`,
    );
}

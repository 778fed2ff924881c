/** What Slack sends to an app, in the words of Socket Mode's envelopes; over HTTP each has its own body format. */
export type Parcel = {
  kind: "slash_commands" | "interactive" | "events_api";
  payload: Record<string, unknown>;
  /** Where the same envelope is sent again; absent: a new one. */
  envelopeId?: string;
};

/** How it went; a person is shown the error. */
export type DeliveryResult = { acked: true; body: unknown } | { acked: false; error: DeliveryError };
type DeliveryError = "operation_timeout" | "dispatch_failed";

type Retry = { number: number; reason: string };

/** One way to reach the app: Socket Mode or signed HTTP. */
export type Courier = { send(parcel: Parcel, retry?: Retry): Promise<DeliveryResult>; stop(): Promise<void> };

/** https://docs.slack.dev/interactivity/handling-user-interaction: an app answers within 3 seconds. */
export const ACK_MS = 3_000;

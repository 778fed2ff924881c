/** Certificate problems: nothing that a further try could change. */
const CERTIFICATE = /^(CERT_|UNABLE_TO_|DEPTH_ZERO_|SELF_SIGNED_|ERR_TLS_|ERR_SSL_|EPROTO$)/;

const WORDS: Record<string, string> = {
  ENOTFOUND: "the name of its host is not known here",
  EAI_AGAIN: "the name of its host could not be looked up",
  ECONNREFUSED: "nothing listens at its address",
  ECONNRESET: "the connection was cut",
  EPIPE: "the connection was cut",
  UND_ERR_SOCKET: "the connection was cut",
  ETIMEDOUT: "it did not answer in time",
  UND_ERR_CONNECT_TIMEOUT: "it did not answer in time",
  UND_ERR_HEADERS_TIMEOUT: "it did not answer in time",
  EHOSTUNREACH: "there is no way to its host",
  ENETUNREACH: "there is no network",
};

export type ConnectionLost = { words: string; isFinal: boolean };

/** Why no answer came, or not all of it, from what fetch and the SDK threw. */
export function whyLost(error: unknown): ConnectionLost {
  const code = codeIn(error);
  if (code && CERTIFICATE.test(code)) return { words: `its certificate is not trusted here (${code})`, isFinal: true };
  const words = code && WORDS[code] ? `${WORDS[code]} (${code})` : code ? `the connection failed (${code})` : undefined;
  return { words: words ?? "its answer broke off", isFinal: false };
}

/** fetch says "fetch failed"; the reason is a cause of its cause. */
function codeIn(error: unknown): string | undefined {
  for (let one = error, depth = 0; one instanceof Error && depth < 8; one = one.cause, depth++) {
    if ("code" in one && typeof one.code === "string") return one.code;
    if (one instanceof AggregateError) return codeIn(one.errors[0]);
  }
  return undefined;
}

import type { IncomingMessage, ServerResponse } from "node:http";

/**
 * What a test can make the forge do to requests that match. `lose-answer` does the work and cuts the connection;
 * `cut` cuts it before the work; `silence` never answers, `stall` stops in the middle of its answer; `empty-list` is a list that does not know the latest yet.
 */
export type ForgeFault = {
  method?: string;
  /** Matched against the path of the API or of git. */
  path: RegExp;
  times?: number;
} & (
  | { kind: "cut" | "lose-answer" | "silence" | "stall" | "empty-list" }
  | { kind: "secondary-limit"; retryAfterS: number }
  /** `body`: what it says, else only which fault it was. Text is a page of HTML, as of a proxy. */
  | { kind: "status"; status: number; headers?: Record<string, string>; body?: object | string }
);

export function createFaults() {
  const planned: { fault: ForgeFault; left: number }[] = [];
  return {
    plan: (fault: ForgeFault) => void planned.push({ fault, left: fault.times ?? 1 }),
    take(method: string, path: string): ForgeFault | undefined {
      const next = planned.find(
        ({ fault, left }) => left > 0 && (fault.method ?? method) === method && fault.path.test(path),
      );
      if (next) next.left--;
      return next?.fault;
    },
  };
}

/** true: the request is answered (or cut) and goes no further. */
export function inject(fault: ForgeFault, request: IncomingMessage, response: ServerResponse): boolean {
  const answer = (status: number, said: string | [], headers = {}) => {
    const body = JSON.stringify(typeof said === "string" ? { message: said } : said);
    response.writeHead(status, { "content-type": "application/json", ...headers }).end(body);
    return true;
  };
  switch (fault.kind) {
    case "cut":
      request.socket.destroy();
      return true;
    case "silence":
      return true;
    case "stall": {
      const write = response.write.bind(response) as (chunk: Buffer) => boolean;
      // Enough for the head of a pack and for nothing more.
      response.write = ((chunk: Buffer) => {
        response.write = () => true;
        return write(chunk.subarray(0, 64));
      }) as typeof response.write;
      response.end = () => response;
      return false;
    }
    case "empty-list":
      return answer(200, []);
    case "lose-answer":
      response.write = () => true;
      response.end = () => {
        request.socket.destroy();
        return response;
      };
      return false;
    case "secondary-limit":
      return answer(403, "You have exceeded a secondary rate limit. Please wait a few minutes before you try again.", {
        "retry-after": `${fault.retryAfterS}`,
      });
    case "status":
      if (fault.body === undefined) return answer(fault.status, `Injected ${fault.status}`, fault.headers);
      response
        .writeHead(fault.status, {
          "content-type": typeof fault.body === "string" ? "text/html" : "application/json",
          ...fault.headers,
        })
        .end(typeof fault.body === "string" ? fault.body : JSON.stringify(fault.body));
      return true;
  }
}

import type { Config } from "../config/read.ts";
import type { GitHubApp } from "./app.ts";
import { createGitHub, type GitHub, type GitHubOptions } from "./client.ts";
import { type AskedPullRequest, type MayCall, type PullRequestsRead, readPullRequests } from "./read-pull-requests.ts";
import { openGitHubApp } from "./reading.ts";
import { ownerAndRepo } from "./repositories.ts";

type Options = { log: (line: string) => void } & Pick<
  GitHubOptions,
  "maxWaitS" | "requestTimeoutMs" | "retries" | "onlyReads"
>;
export type ReadAllPullRequests = (asked: readonly AskedPullRequest[], mayCall: MayCall) => Promise<PullRequestsRead>;

/** Looks with the read token, or with a token for reading of each installation of the App. */
export function openPullRequestReader(config: Config<"watch">, options: Options): ReadAllPullRequests {
  const { GITHUB_APP_ID, GITHUB_APP_KEY, GITHUB_API_URL, GITHUB_READ_TOKEN } = config;
  if (GITHUB_APP_ID && GITHUB_APP_KEY)
    return readByOwner(openGitHubApp({ GITHUB_APP_ID, GITHUB_APP_KEY, GITHUB_API_URL }, options));
  const github = createGitHub({ token: GITHUB_READ_TOKEN ?? "", apiUrl: GITHUB_API_URL, ...options });
  return (asked, mayCall) => readPullRequests(github, asked, mayCall);
}

/** An owner who has removed the App is answered as GitHub answers for what is out of reach. */
const readByOwner =
  (app: Pick<GitHubApp, "readerOfOwner">): ReadAllPullRequests =>
  async (asked, mayCall) => {
    const all: PullRequestsRead = { looks: new Map() };
    const ownerOf = ({ repository }: AskedPullRequest) => ownerAndRepo(repository).owner.toLowerCase();
    for (const [owner, theirs] of Map.groupBy(asked, ownerOf)) {
      const { looks, stopped } = await readFrom(await app.readerOfOwner(owner), theirs, mayCall);
      for (const [nodeId, look] of looks) all.looks.set(nodeId, look);
      if (stopped) return { ...all, stopped };
    }
    return all;
  };

const readFrom = async (
  github: GitHub | undefined,
  asked: readonly AskedPullRequest[],
  mayCall: MayCall,
): Promise<PullRequestsRead> =>
  github
    ? readPullRequests(github, asked, mayCall)
    : { looks: new Map(asked.map(({ nodeId }) => [nodeId, { kind: "gone" }])) };

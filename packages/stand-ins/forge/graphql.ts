import { type Context, Hono } from "hono";
import { z } from "zod";
import { withoutFields } from "../../github/known-fields.ts";
import { MERGE_LOOK_QUERY } from "../../github/merge-query.ts";
import { MAX_CONTEXTS, PULL_REQUESTS_QUERY } from "../../github/pull-request-query.ts";
import { REVIEW_QUERY } from "../../github/review-query.ts";
import { forbidden, mayRead, reaches } from "./access.ts";
import type { ForgeActs } from "./acts.ts";
import { pullRequestNode, pullRequestPlace } from "./answers/pull-request-node.ts";
import { ForgeError } from "./api-error.ts";
import { jsonOf } from "./body.ts";
import type { Token } from "./credentials.ts";
import { answerAboutMerging } from "./graphql-merge.ts";
import { answerAboutReview } from "./graphql-review.ts";
import { createHourlyUse } from "./hourly-use.ts";
import { secretOf, tokenOf } from "./identify.ts";
import { mergeabilityOf } from "./mergeability.ts";
import { followHead } from "./pull-request-git.ts";
import type { RestDeps } from "./rest-context.ts";
import { judgementsOf } from "./standing.ts";
import { pullRequestOf } from "./state.ts";

const POINTS_AN_HOUR = 5_000;
const MAX_IDS = 100;
/**
 * Connections of a pull request in the query: each counts as a request of its own, and a hundred are a point. Cody's
 * other queries are a point each. https://docs.github.com/en/graphql/overview/rate-limits-and-query-limits-for-the-graphql-api
 */
const CONNECTIONS = 4;

type GraphQLProblem = { type: string; path?: (string | number)[]; message: string };

const Request = z.object({ query: z.string(), variables: z.unknown() });
const Ids = z.object({ ids: z.array(z.string()) });

/**
 * What happens to queries here, for tests: more ids than `mostIds` take too long; `points` are left in this hour; fields
 * that it `lacks` it does not know, as an older GitHub Enterprise Server.
 */
type GraphQLLimits = { mostIds: number; points: number; lacks: string[] };

const ownWords = (query: string, lacks: readonly string[]) =>
  [PULL_REQUESTS_QUERY, REVIEW_QUERY, MERGE_LOOK_QUERY].find((own) => query === withoutFields(own, lacks)) ?? query;

/**
 * GitHub's GraphQL API, as far as Cody asks it: a text must be the product's own. It is checked against GitHub's schema
 * in the tests, and so are these answers.
 */
export function createGraphQL(deps: RestDeps & { acts: ForgeActs }) {
  const { state, repositories, now, log } = deps;
  const limits: GraphQLLimits = { mostIds: MAX_IDS, points: POINTS_AN_HOUR, lacks: [] };
  const withoutLacking = <Answer>(answer: Answer): Answer =>
    JSON.parse(JSON.stringify(answer, (field, value) => (limits.lacks.includes(field) ? undefined : value)));
  const idsAsked: number[] = [];
  const spent = { points: 0 };
  const use = createHourlyUse("graphql", now);

  async function nodeOf(token: Token, id: string, at: number): Promise<{ node: unknown; problems: GraphQLProblem[] }> {
    const path = ["nodes", at];
    const place = pullRequestPlace(id);
    const repository = state.data.repositories.find((one) => one.id === place?.repositoryId && reaches(token, one));
    const pull = repository && place && pullRequestOf(state, repository, place.number);
    if (!repository || !pull)
      return {
        node: null,
        problems: [{ type: "NOT_FOUND", path, message: `Could not resolve to a node with the global id of '${id}'.` }],
      };
    if (!mayRead(token, "pull_requests"))
      return { node: null, problems: [{ type: "FORBIDDEN", path, message: forbidden(token).message }] };
    const bare = repositories.folderOf(repository);
    await followHead(bare, pull);
    const node = pullRequestNode(
      {
        repository,
        pull,
        ...judgementsOf(state, repository, pull),
        mergeability: pull.state === "open" ? await mergeabilityOf(bare, pull) : undefined,
      },
      { contexts: MAX_CONTEXTS },
    );
    if (mayRead(token, "checks") && mayRead(token, "statuses")) return { node, problems: [] };
    const hidden = { type: "FORBIDDEN", path: [...path, "statusCheckRollup"], message: forbidden(token).message };
    return { node: { ...node, statusCheckRollup: null }, problems: [hidden] };
  }

  /** Takes it from the token's hour; `isOver`: there is not as much left. */
  function charge(c: Context, token: Token, cost: number) {
    const used = use(token, cost, limits.points);
    spent.points += cost;
    for (const [name, value] of Object.entries(used.headers)) c.header(name, value);
    return used;
  }
  const rateLimited = { errors: [{ type: "RATE_LIMITED", message: "API rate limit exceeded for user ID 1." }] };

  const app = new Hono();
  app.post("/api/graphql", async (c) => {
    const token = tokenOf(deps, secretOf(c));
    const asked = Request.parse(await jsonOf(c));
    const unknown = limits.lacks.filter((field) => new RegExp(`\\b${field}\\b`).test(asked.query));
    if (unknown.length > 0)
      return c.json({
        errors: unknown.map((fieldName) => ({
          message: `Field '${fieldName}' doesn't exist on type 'PullRequest'`,
          extensions: { code: "undefinedField", typeName: "PullRequest", fieldName },
        })),
      });
    const query = ownWords(asked.query, limits.lacks);
    const { variables } = asked;
    if (query !== PULL_REQUESTS_QUERY && charge(c, token, 1).isOver) return c.json(rateLimited);
    const merging = await answerAboutMerging(deps, token, { query, variables });
    if (merging) return c.json(withoutLacking(merging));
    const review = answerAboutReview(deps, token, { query, variables });
    if (review) return c.json(review);
    const parsed = Ids.safeParse(variables);
    if (!parsed.success || query !== PULL_REQUESTS_QUERY) {
      log("forge: refused a GraphQL query that it does not know");
      return c.json({ errors: [{ message: "The forge stand-in answers Cody's own queries and no others." }] });
    }
    const { ids } = parsed.data;
    idsAsked.push(ids.length);
    if (ids.length > MAX_IDS) {
      const message = `You may not provide more than ${MAX_IDS} node ids; you provided ${ids.length}.`;
      return c.json({ data: null, errors: [{ type: "ARGUMENT_LIMIT", path: ["nodes"], message }] });
    }
    if (ids.length > limits.mostIds)
      throw new ForgeError(502, "We couldn't respond to your request in time. Sorry about that.");
    const cost = Math.max(1, Math.round((1 + ids.length * CONNECTIONS) / 100));
    const { remaining, resetS, isOver } = charge(c, token, cost);
    if (isOver) return c.json(rateLimited);
    const found = await Promise.all(ids.map((id, at) => nodeOf(token, id, at)));
    const errors = found.flatMap(({ problems }) => problems);
    const rateLimit = { cost, remaining, resetAt: new Date(resetS * 1_000).toISOString() };
    const nodes = found.map(({ node }) => node);
    return c.json(withoutLacking({ data: { rateLimit, nodes }, ...(errors.length > 0 && { errors }) }));
  });
  app.onError((error, c) => {
    if (!(error instanceof ForgeError)) throw error;
    log(`forge: refused a GraphQL query: ${error.status} ${error.message}`);
    return c.json({ message: error.message }, error.status);
  });
  return { fetch: app.fetch, limits, asked: idsAsked, spent };
}

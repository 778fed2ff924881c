import { schema as described } from "@octokit/graphql-schema";
import { buildSchema, type ExecutionResult, execute, type GraphQLSchema, parse, validate } from "graphql";

let built: GraphQLSchema | undefined;
const gitHub = () => {
  built ??= buildSchema(described.idl, { assumeValid: true });
  return built;
};

/** What GitHub's own schema says against a query. */
export const problemsWithQuery = (query: string): string[] =>
  validate(gitHub(), parse(query)).map(({ message }) => message);

type Fields = Record<string, unknown>;

/**
 * The same answer as GitHub's schema would complete it: required fields, scalars, enumerations and types of unions. An
 * answer that differs from it, or has errors, is none that GitHub gives.
 */
export async function completed(query: string, variableValues: Fields, data: unknown): Promise<ExecutionResult> {
  const result = await execute({
    schema: gitHub(),
    document: parse(query),
    variableValues,
    rootValue: data,
    fieldResolver: (source: Fields, _args, _context, { path }) => source[path.key],
    // Where the query does not ask for the type, any of those that it may be.
    typeResolver: (value: Fields, _context, { schema }, type) =>
      typeof value.__typename === "string" ? value.__typename : schema.getPossibleTypes(type)[0]?.name,
  });
  return JSON.parse(JSON.stringify(result)) as ExecutionResult;
}

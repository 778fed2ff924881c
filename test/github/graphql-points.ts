import { type FieldNode, type FragmentDefinitionNode, Kind, parse, type SelectionSetNode } from "graphql";

type Variables = Record<string, unknown>;

/**
 * What a query costs of the 5,000 points of an hour: each connection is a request for each node that has it, and a hundred
 * requests are a point. https://docs.github.com/en/graphql/overview/rate-limits-and-query-limits-for-the-graphql-api
 */
export function pointsOf(query: string, variables: Variables): number {
  const { definitions } = parse(query);
  const fragments = new Map(
    definitions.flatMap((one) => (one.kind === Kind.FRAGMENT_DEFINITION ? [[one.name.value, one] as const] : [])),
  );
  const operation = definitions.find((one) => one.kind === Kind.OPERATION_DEFINITION)!;
  return Math.max(1, Math.round(requestsIn(operation.selectionSet, 1, { fragments, variables }) / 100));
}

type Given = { fragments: ReadonlyMap<string, FragmentDefinitionNode>; variables: Variables };

function requestsIn(set: SelectionSetNode | undefined, parents: number, given: Given): number {
  return (set?.selections ?? []).reduce((sum, one) => {
    if (one.kind === Kind.INLINE_FRAGMENT) return sum + requestsIn(one.selectionSet, parents, given);
    if (one.kind === Kind.FRAGMENT_SPREAD)
      return sum + requestsIn(given.fragments.get(one.name.value)?.selectionSet, parents, given);
    const own = isConnection(one) ? parents : 0;
    return sum + own + requestsIn(one.selectionSet, parents * nodesOf(one, given), given);
  }, 0);
}

/** It is paged, or counted. */
const isConnection = ({ arguments: given = [], selectionSet }: FieldNode) =>
  given.some(({ name }) => ["first", "last"].includes(name.value)) ||
  (selectionSet?.selections ?? []).some((one) => one.kind === Kind.FIELD && one.name.value === "totalCount");

/** How many nodes it may give; GitHub counts on the most. */
function nodesOf({ arguments: given = [] }: FieldNode, { variables }: Given): number {
  for (const { name, value } of given) {
    if (["first", "last"].includes(name.value) && value.kind === Kind.INT) return Number(value.value);
    if (name.value === "ids" && value.kind === Kind.VARIABLE) return (variables[value.name.value] as unknown[]).length;
  }
  return 1;
}

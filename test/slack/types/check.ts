import { declarationsIn, type Member, type Type } from "./declarations.ts";
import { limitsIn } from "./limits.ts";

const declared = declarationsIn([
  "types/dist/block-kit/extensions.d.ts",
  "types/dist/block-kit/composition-objects.d.ts",
  "types/dist/block-kit/block-elements.d.ts",
  "types/dist/block-kit/blocks.d.ts",
  "types/dist/views.d.ts",
  "web-api/dist/types/request/manifest.d.ts",
]);
// A view's blocks are declared as any block at all; what is not known to Slack's types is not taken here.
declared.set("AnyBlock", { kind: "reference", name: "KnownBlock" });

type Json = Record<string, unknown>;
const isObject = (value: unknown): value is Json =>
  typeof value === "object" && value !== null && !Array.isArray(value);

function resolved(name: string): Type {
  const found = declared.get(name);
  if (!found) throw new Error(`Slack's packages declare no ${name}.`);
  return found;
}

/** The types never change, and every message of every journey is held to them. */
function oncePerType<Answer>(answerFor: (type: Type) => Answer): (type: Type) => Answer {
  const known = new WeakMap<Type, { answer: Answer }>();
  return (type) => {
    const found = known.get(type) ?? { answer: answerFor(type) };
    known.set(type, found);
    return found.answer;
  };
}

/** Every property that a value of this type may have; those of a later part stand in place of an earlier one's. */
const membersOf = oncePerType((type): Member[] | undefined => {
  if (type.kind === "reference") return membersOf(resolved(type.name));
  if (type.kind === "object") return type.members;
  if (type.kind !== "intersection") return undefined;
  const parts = type.of.map(membersOf);
  return [...new Map(parts.flatMap((part) => (part ?? []).map((one) => [one.name, one] as const))).values()];
});

/** The comments say 75, as they did when that was so; https://docs.slack.dev/reference/block-kit/composition-objects/option-object says 150. */
for (const member of membersOf(resolved("OptionDescriptor")) ?? [])
  if (member.name === "value") member.doc = member.doc.replace("75 characters", "150 characters");

const namesOf = oncePerType((type) => new Map(membersOf(type)?.map((one) => [one.name, one])));

/** All the types that a union comes down to, with an intersection of unions multiplied out. */
const alternatives = oncePerType((type): Type[] => {
  if (type.kind === "reference") return alternatives(resolved(type.name));
  if (type.kind === "union") return type.of.flatMap(alternatives);
  if (type.kind !== "intersection") return [type];
  return type.of
    .map(alternatives)
    .reduce<Type[]>(
      (made, part) => made.flatMap((one) => part.map((other): Type => ({ kind: "intersection", of: [one, other] }))),
      [{ kind: "object", members: [] }],
    );
});

const typeNameOf = oncePerType((type) => {
  const member = membersOf(type)?.find(({ name }) => name === "type")?.type;
  return member?.kind === "literal" ? member.value : undefined;
});

/** Slack stores these three escaped, and measures what it stores. */
const stored = (text: string) => text.replace(/[&<>]/g, (one) => (one === "&" ? "&amp;" : "&lt;")).length;
const lengthOf = (value: unknown): number | undefined => {
  if (typeof value === "string") return value.length;
  if (!isObject(value) || typeof value.text !== "string") return undefined;
  return value.type === "mrkdwn" ? value.text.length : stored(value.text);
};

function complaints(value: unknown, type: Type, path: string): string[] {
  switch (type.kind) {
    case "anything":
      return [];
    case "reference":
      return complaints(value, resolved(type.name), path);
    case "literal":
      return value === type.value ? [] : [`${path} is ${JSON.stringify(value)}, not ${JSON.stringify(type.value)}`];
    case "primitive":
      return type.name === "unknown" || typeof value === type.name ? [] : [`${path} is no ${type.name}`];
    case "array":
      if (!Array.isArray(value)) return [`${path} is no list`];
      return value.flatMap((one, i) => complaints(one, type.of, `${path}/${i}`));
    default:
      return ofOneOf(value, alternatives(type), path);
  }
}

/** The alternative that is named by `type`, else the one that fits best. */
function ofOneOf(value: unknown, types: Type[], path: string): string[] {
  const named = isObject(value)
    ? types.filter((one) => typeNameOf(one) === value.type && value.type !== undefined)
    : [];
  const tried = (named.length > 0 ? named : types).map((one) => ofOne(value, one, path));
  return tried.reduce((best, other) => (other.length < best.length ? other : best));
}

function ofOne(value: unknown, type: Type, path: string): string[] {
  const members = membersOf(type);
  if (!members) return complaints(value, type, path);
  if (!isObject(value)) return [`${path} is no object`];
  const known = namesOf(type);
  return [
    ...members
      .filter(({ name, isOptional }) => !isOptional && value[name] === undefined)
      .map(({ name }) => `${path}/${name} is missing`),
    ...Object.entries(value).flatMap(([name, held]) => {
      const member = known.get(name);
      if (held === undefined) return [];
      if (!member) return [`${path}/${name} is not known to Slack's types`];
      return [...tooLong(held, member.doc, `${path}/${name}`), ...complaints(held, member.type, `${path}/${name}`)];
    }),
  ];
}

function tooLong(value: unknown, doc: string, path: string): string[] {
  const { chars, items } = limitsIn(doc);
  const texts = (Array.isArray(value) ? value : [value]).map(lengthOf);
  return [
    ...(chars === undefined ? [] : texts)
      .filter((length) => length !== undefined && length > chars!)
      .map((length) => `${path} has ${length} characters, ${chars} are allowed`),
    ...(items !== undefined && Array.isArray(value) && value.length > items
      ? [`${path} has ${value.length} items, ${items} are allowed`]
      : []),
  ];
}

/** What Slack's own types, and the limits in their comments, say against these; no sentence of ours is in it. */
export const wrongWithBlocks = (blocks: unknown) =>
  complaints(blocks, { kind: "array", of: { kind: "reference", name: "KnownBlock" } }, "blocks");
export const wrongWithView = (view: unknown) => complaints(view, { kind: "reference", name: "View" }, "view");
export const wrongWithManifest = (manifest: unknown) =>
  complaints(manifest, { kind: "reference", name: "Manifest" }, "manifest");

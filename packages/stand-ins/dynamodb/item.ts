/** A value in DynamoDB's JSON: exactly one of S, N, B, BOOL, NULL, M, L, SS, NS, BS. */
type AttributeValue = { [type: string]: unknown };
export type Item = Record<string, AttributeValue>;

/** https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/ServiceQuotas.html: 400 KB, names included. */
export const MAX_ITEM_BYTES = 400 * 1024;

const utf8 = (text: string) => Buffer.byteLength(text);
const base64 = (text: string) => Buffer.byteLength(text, "base64");
/** About half a byte a digit, and one: https://zaccharles.medium.com/calculating-a-dynamodb-items-size-and-consumed-capacity-d1728942eb7c */
const digits = (text: string) => Math.ceil(text.replace(/^-|\.|e.*$/gi, "").length / 2) + 1;
const sum = <T>(values: T[], bytes: (value: T) => number) => values.reduce((total, value) => total + bytes(value), 0);

function valueBytes(value: AttributeValue): number {
  const [[type, content] = ["NULL", true]] = Object.entries(value);
  if (type === "S") return utf8(content as string);
  if (type === "N") return digits(content as string);
  if (type === "B") return base64(content as string);
  if (type === "SS") return sum(content as string[], utf8);
  if (type === "NS") return sum(content as string[], digits);
  if (type === "BS") return sum(content as string[], base64);
  if (type === "L") return 3 + sum(content as AttributeValue[], (entry) => 1 + valueBytes(entry));
  if (type === "M") return 3 + Object.keys(content as Item).length + itemBytes(content as Item);
  return 1;
}

/** As DynamoDB counts: UTF-8 bytes of names and values. */
export const itemBytes = (item: Item): number =>
  sum(Object.entries(item), ([name, value]) => utf8(name) + valueBytes(value));

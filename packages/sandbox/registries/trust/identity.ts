import { createHash, generateKeyPairSync, type KeyObject, randomBytes, sign } from "node:crypto";
import type { Trust } from "../../network-environment.ts";
import { bits, integer, isTrue, octets, oid, sequence, set, tagged, time, utf8 } from "./der.ts";
import { javaTrustStore } from "./java-store.ts";

/** What the proxy is to its clients, and what they must trust to believe it. */
export type Identity = { key: string; certificate: string; trust: Trust };

const HOUR_MS = 3_600_000;

/**
 * An authority of this moment's own and one certificate by it, for all these hosts. The authority can vouch for nothing
 * but them (RFC 5280, 4.2.1.10), and its key is forgotten after this one signature.
 */
export function newIdentity(hosts: readonly string[], now: Date): Identity {
  const [authority, leaf] = [newKeys(), newKeys()];
  const valid = sequence(time(new Date(now.getTime() - 24 * HOUR_MS)), time(new Date(now.getTime() + 48 * HOUR_MS)));
  const names = hosts.map((host) => tagged(DNS_NAME, Buffer.from(host)));
  const by = { name: nameOf("Cody Batch registries of one command"), keys: authority };
  const root = certificate(by, by, valid, [
    critical(BASIC_CONSTRAINTS, sequence(isTrue, integer([0]))),
    critical(KEY_USAGE, bits(Buffer.from([CERT_SIGN]), 2)),
    critical(NAME_CONSTRAINTS, sequence(tagged(0, Buffer.concat(names.map((name) => sequence(name))), EXPLICIT))),
    extension(SUBJECT_KEY, octets(authority.id)),
  ]);
  const own = certificate({ name: nameOf("Cody Batch registry proxy"), keys: leaf }, by, valid, [
    critical(BASIC_CONSTRAINTS, sequence()),
    critical(KEY_USAGE, bits(Buffer.from([DIGITAL_SIGNATURE]), 7)),
    extension(EXTENDED_KEY_USAGE, sequence(oid(SERVER))),
    extension(SUBJECT_NAMES, sequence(...names)),
    extension(SUBJECT_KEY, octets(leaf.id)),
    extension(AUTHORITY_KEY, sequence(tagged(0, authority.id))),
  ]);
  return {
    key: leaf.privateKey.export({ type: "pkcs8", format: "pem" }) as string,
    certificate: pem(own),
    trust: { pem: pem(root), javaStore: javaTrustStore(root, now) },
  };
}

const EXPLICIT = { explicit: true };
const DNS_NAME = 2;
const CERT_SIGN = 0x04;
const DIGITAL_SIGNATURE = 0x80;
const BASIC_CONSTRAINTS = "2.5.29.19";
const KEY_USAGE = "2.5.29.15";
const NAME_CONSTRAINTS = "2.5.29.30";
const SUBJECT_NAMES = "2.5.29.17";
const SUBJECT_KEY = "2.5.29.14";
const AUTHORITY_KEY = "2.5.29.35";
const EXTENDED_KEY_USAGE = "2.5.29.37";
const SERVER = "1.3.6.1.5.5.7.3.1";
const COMMON_NAME = "2.5.4.3";
const ECDSA_WITH_SHA256 = sequence(oid("1.2.840.10045.4.3.2"));

type Keys = { privateKey: KeyObject; info: Buffer; id: Buffer };
type Party = { name: Buffer; keys: Keys };

function newKeys(): Keys {
  const { privateKey, publicKey } = generateKeyPairSync("ec", { namedCurve: "P-256" });
  const info = publicKey.export({ type: "spki", format: "der" });
  return { privateKey, info, id: createHash("sha256").update(info).digest().subarray(0, 20) };
}

const nameOf = (words: string) => sequence(set(sequence(oid(COMMON_NAME), utf8(words))));

const extension = (id: string, value: Buffer) => sequence(oid(id), octets(value));
const critical = (id: string, value: Buffer) => sequence(oid(id), isTrue, octets(value));

/** RFC 5280, 4.1: version 3. */
function certificate(subject: Party, issuer: Party, valid: Buffer, extensions: Buffer[]): Buffer {
  const serial = randomBytes(16);
  serial[0]! = (serial[0]! & 0x3f) | 0x40;
  const body = sequence(
    tagged(0, integer([2]), EXPLICIT),
    integer(serial),
    ECDSA_WITH_SHA256,
    ...[issuer.name, valid, subject.name, subject.keys.info],
    tagged(3, sequence(...extensions), EXPLICIT),
  );
  return sequence(body, ECDSA_WITH_SHA256, bits(sign("sha256", body, issuer.keys.privateKey)));
}

const pem = (der: Buffer) =>
  `-----BEGIN CERTIFICATE-----\n${der.toString("base64").replace(/.{1,64}/g, "$&\n")}-----END CERTIFICATE-----\n`;

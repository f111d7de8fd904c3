import { createHash, generateKeyPairSync, type KeyObject, randomBytes, sign } from "node:crypto";
import { isIP } from "node:net";
import ipaddr from "ipaddr.js";
import { bits, der, integer, octets, oid, sequence, setOf, time, truth, utf8 } from "./der.ts";

// Certificates (RFC 5280) for test servers, made with nothing but Node.

/** What a TLS server is started with. */
export type ServerIdentity = { key: string; cert: string };

export type LeafOptions = {
  /** DNS names and addresses the certificate is valid for; the first is its subject. */
  names: readonly string[];
  /** Days from now; a negative `toDays` has expired. */
  fromDays?: number;
  toDays?: number;
  /** Leaves out the intermediate certificate, as a misconfigured server does. */
  withoutIntermediate?: boolean;
};

export type CertificateMaker = {
  /** PEM of the root, to be trusted. */
  ca: string;
  issue(options: LeafOptions): ServerIdentity;
  selfSigned(names: readonly string[]): ServerIdentity;
};

type Party = { name: string; publicKey: KeyObject; privateKey: KeyObject };
type Validity = { from: Date; to: Date };

const dayMs = 86_400_000;
const ecdsaWithSha256 = sequence(oid("1.2.840.10045.4.3.2"));
const keyUsage = { leaf: Buffer.from([0x80]), authority: Buffer.from([0x06]) };

/** A root and an intermediate that issue server certificates. */
export function createCertificates(name = "Test"): CertificateMaker {
  const root = party(`${name} root`);
  const intermediate = party(`${name} intermediate`);
  const intermediatePem = pem(certificate(intermediate, root, days(-2, 30), authorityExtensions()));
  return {
    ca: pem(certificate(root, root, days(-2, 30), authorityExtensions())),
    issue({ names, fromDays = -1, toDays = 20, withoutIntermediate = false }) {
      const leaf = party(names[0] ?? "nobody");
      const validity = days(fromDays, toDays);
      const own = pem(certificate(leaf, intermediate, validity, leafExtensions(names)));
      return { key: keyOf(leaf), cert: withoutIntermediate ? own : own + intermediatePem };
    },
    selfSigned(names) {
      const leaf = party(names[0] ?? "nobody");
      const own = certificate(leaf, leaf, days(-1, 20), leafExtensions(names));
      return { key: keyOf(leaf), cert: pem(own) };
    },
  };
}

function certificate(
  subject: Party,
  issuer: Party,
  validity: Validity,
  extensions: readonly Buffer[],
): Buffer {
  const publicKey = subject.publicKey.export({ type: "spki", format: "der" });
  const signed = sequence(
    der(0xa0, integer(Buffer.from([2]))),
    integer(serialNumber()),
    ecdsaWithSha256,
    distinguishedName(issuer.name),
    sequence(time(validity.from), time(validity.to)),
    distinguishedName(subject.name),
    publicKey,
    der(
      0xa3,
      sequence(
        ...extensions,
        extension("2.5.29.14", octets(keyId(subject))),
        extension("2.5.29.35", sequence(der(0x80, keyId(issuer)))),
      ),
    ),
  );
  return sequence(signed, ecdsaWithSha256, bits(sign("sha256", signed, issuer.privateKey)));
}

/** Its first byte is neither zero nor negative, so it is written as it is: DER allows no padding. */
function serialNumber(): Buffer {
  return Buffer.concat([Buffer.from([0x40]), randomBytes(15)]);
}

function authorityExtensions(): Buffer[] {
  return [
    extension("2.5.29.19", sequence(truth()), true),
    extension("2.5.29.15", bits(keyUsage.authority, 1), true),
  ];
}

function leafExtensions(names: readonly string[]): Buffer[] {
  const alternatives = names.map((name) =>
    isIP(name) === 0
      ? der(0x82, Buffer.from(name))
      : der(0x87, Buffer.from(ipaddr.parse(name).toByteArray())),
  );
  return [
    extension("2.5.29.19", sequence(), true),
    extension("2.5.29.15", bits(keyUsage.leaf, 7), true),
    extension("2.5.29.37", sequence(oid("1.3.6.1.5.5.7.3.1"))),
    extension("2.5.29.17", sequence(...alternatives)),
  ];
}

function extension(id: string, value: Buffer, isCritical = false): Buffer {
  return sequence(oid(id), ...(isCritical ? [truth()] : []), octets(value));
}

function distinguishedName(name: string): Buffer {
  return sequence(setOf(sequence(oid("2.5.4.3"), utf8(name))));
}

function keyId({ publicKey }: Party): Buffer {
  return createHash("sha1")
    .update(publicKey.export({ type: "spki", format: "der" }))
    .digest();
}

function party(name: string): Party {
  return { name, ...generateKeyPairSync("ec", { namedCurve: "P-256" }) };
}

function days(from: number, to: number): Validity {
  return { from: new Date(Date.now() + from * dayMs), to: new Date(Date.now() + to * dayMs) };
}

function keyOf({ privateKey }: Party): string {
  return privateKey.export({ type: "pkcs8", format: "pem" }).toString();
}

function pem(bytes: Buffer): string {
  const lines = bytes.toString("base64").replace(/(.{64})(?=.)/g, "$1\n");
  return `-----BEGIN CERTIFICATE-----\n${lines}\n-----END CERTIFICATE-----\n`;
}

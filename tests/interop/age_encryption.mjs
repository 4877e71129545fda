// One request of JSON on standard input, one answer on standard output; bytes travel in Base 64.
import { readFileSync } from "node:fs";
import { Decrypter, Encrypter, generateHybridIdentity, generateX25519Identity, identityToRecipient } from "age-encryption";

const bytes = (text) => new Uint8Array(Buffer.from(text, "base64"));
const text = (data) => Buffer.from(data).toString("base64");

const answers = {
  async keygen({ hybrid }) {
    const identity = await (hybrid ? generateHybridIdentity() : generateX25519Identity());
    return { identity, recipient: await identityToRecipient(identity) };
  },
  async recipient({ identity }) {
    return { recipient: await identityToRecipient(identity) };
  },
  async seal({ data, recipients, passphrase }) {
    const encrypter = new Encrypter();
    for (const recipient of recipients ?? []) encrypter.addRecipient(recipient);
    if (passphrase) {
      encrypter.setPassphrase(passphrase);
      encrypter.setScryptWorkFactor(10);
    }
    return { data: text(await encrypter.encrypt(bytes(data))) };
  },
  async open({ data, identity, passphrase }) {
    const decrypter = new Decrypter();
    if (identity) decrypter.addIdentity(identity);
    if (passphrase) decrypter.addPassphrase(passphrase);
    return { data: text(await decrypter.decrypt(bytes(data))) };
  },
};

const request = JSON.parse(readFileSync(0, "utf8"));
process.stdout.write(JSON.stringify(await answers[request.op](request)));

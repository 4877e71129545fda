// Types of age.js, which is made of bundle.mjs and lies in no folder of the program.
export class Decrypter {
  addIdentity(identity: string): void;
  addPassphrase(passphrase: string): void;
  /** Rejects unless the whole file is genuine. */
  decrypt(file: Uint8Array): Promise<Uint8Array<ArrayBuffer>>;
  /** The file key. Rejects unless the header is genuine and for an identity that was added. */
  decryptHeader(header: Uint8Array): Promise<Uint8Array>;
}
export class Encrypter {
  addRecipient(recipient: string): void;
  encrypt(file: Uint8Array): Promise<Uint8Array>;
}
export function identityToRecipient(identity: string): Promise<string>;
export const bech32: {
  /** Throws for what is no Bech32; `false`: of any length. */
  decode(text: string, limit: false): { prefix: string; words: number[] };
  fromWords(words: number[]): Uint8Array<ArrayBuffer>;
};

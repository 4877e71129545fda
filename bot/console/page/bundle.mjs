// What of the age library the page uses; `./run setup console` makes age.js of it.
export { bech32 } from "@scure/base";
export { Decrypter, Encrypter, identityToRecipient } from "age-encryption";

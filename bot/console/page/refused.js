// @ts-check
/** The one thing that all refusals have in common: a code, which is the name of the same refusal in the program. */

export class Refused extends Error {
  /** @param {string} code such as "PartsDiffer"; the page has words for each @param {string} [detail] of one code */
  constructor(code, detail = "") {
    super(detail ? `${code}:${detail}` : code);
    this.code = code;
    this.detail = detail;
  }
}

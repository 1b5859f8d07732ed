/** What ties an input to its label, hint and problem. Given one by one: spreading would make the first load larger. */
export interface FieldInput {
  readonly id: string;
  /** For `aria-describedby`. */
  readonly help: string | undefined;
  /** For `aria-invalid`. */
  readonly wrong: boolean;
}

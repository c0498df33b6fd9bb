/** Thrown to end a scenario early: the plan refused what it is about, and the refusal is as it should be. */
export class Refused extends Error {
  override readonly name = 'Refused';
}

/** Thrown to end a scenario early: the harness lacks what it takes to prove the check. */
export class NotProven extends Error {
  override readonly name = 'NotProven';
}

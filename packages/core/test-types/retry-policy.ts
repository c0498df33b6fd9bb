import { exponential, NonRetryable, type RetryPolicy, type RetryRule, reject, retry } from '@omnibus/core';

class CardDeclined extends Error {
  readonly final: boolean = true;
}
abstract class Remote extends Error {}

export const policy: RetryPolicy = exponential({ attempts: 3, firstMs: 100, maxMs: 5_000, factor: 3, jitter: 'none' });
exponential({
  rules: [
    { error: CardDeclined, use: 'reject' },
    { error: Remote, use: { attempts: 100, firstMs: 10 } },
    { error: (error) => error instanceof TypeError, use: { jitter: 'none' } },
    { error: NonRetryable, use: 'reject' },
  ],
});
export const rule: RetryRule = { error: (error: unknown) => error !== undefined, use: {} };

// @ts-expect-error a number
exponential({ attempts: '3' });
// @ts-expect-error no such option
exponential({ retries: 3 });
// @ts-expect-error no such jitter
exponential({ jitter: 'half' });
// @ts-expect-error given and yet nothing
exponential({ attempts: undefined });
// @ts-expect-error neither a policy's values nor 'reject'
exponential({ rules: [{ error: CardDeclined, use: 'drop' }] });
// @ts-expect-error rules have no rules
exponential({ rules: [{ error: CardDeclined, use: { rules: [] } }] });
// @ts-expect-error a class or a predicate, not a name
exponential({ rules: [{ error: 'CardDeclined', use: 'reject' }] });
// @ts-expect-error a class of errors
exponential({ rules: [{ error: Date, use: 'reject' }] });
// @ts-expect-error a predicate says yes or no
exponential({ rules: [{ error: () => 'yes', use: 'reject' }] });
// @ts-expect-error what then?
exponential({ rules: [{ error: CardDeclined }] });
// @ts-expect-error a policy does not change
policy.attempts = 4;

retry();
retry(5_000);
// @ts-expect-error milliseconds are a number
retry('5 s');
reject('why');
// @ts-expect-error a reason is needed: someone will read the dead letter
reject();

/** Messages of the first paint, then all of them. */
import { describe, expect, it } from 'vitest';
import { enErrors } from '../../../../src/i18n/en-errors.ts';
import { en } from '../../../../src/i18n/en.ts';
import { appError } from '../../../../src/model/errors.ts';
import { statusText } from '../../../../src/ui/panels/status-text.ts';
import { LocaleState } from '../../../../src/ui/state/locale.svelte.ts';

describe('the language', () => {
  it('has the sentences of errors once they are fetched, and one for all of them before', async () => {
    const locale = new LocaleState();
    const line = { kind: 'failed', error: appError('server-refused') } as const;
    expect(locale.settled).toBe(false);
    expect(statusText(line, locale.t).words).toBe(en.anyError.what);
    await locale.chooseFor(['en-GB']);
    expect(locale.settled).toBe(true);
    expect(statusText(line, locale.t).words).toBe(enErrors['server-refused'].what);
  });
});

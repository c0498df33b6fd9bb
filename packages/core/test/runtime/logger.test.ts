import { expect, test, vi } from 'vitest';
import { guarded, type Logger } from '../../src/runtime/logger.js';

test('a guarded logger passes everything on, and turns what it throws into a warning of the process', () => {
  const lines: unknown[] = [];
  const logger: Logger = {
    debug: (fields, text) => lines.push(['debug', fields, text]),
    info: (fields, text) => lines.push(['info', fields, text]),
    warn: (fields, text) => lines.push(['warn', fields, text]),
    error: () => {
      throw new Error('no disk');
    },
  };
  const warning = vi.spyOn(process, 'emitWarning').mockImplementation(() => {});
  const safe = guarded(logger);
  for (const level of ['debug', 'info', 'warn', 'error'] as const) safe[level]({ level }, 'text');
  expect(lines).toEqual(['debug', 'info', 'warn'].map((level) => [level, { level }, 'text']));
  expect(warning).toHaveBeenCalledExactlyOnceWith('the logger threw: no disk', 'OmnibusWarning');
  warning.mockRestore();
});

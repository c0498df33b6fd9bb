import { expect } from 'vitest';
import { loadConfig } from '../../src/config/load.js';
import { thrown } from '../codec/thrown.js';
import { folder } from './folder.js';

/** The least that a configuration says. */
export const MINIMAL = `name: shop
transports:
  local: { use: memory }
default: local
`;

/** The text of the CONFIG error, with the temporary folder as `<folder>`. */
export async function refusal(
  files: Readonly<Record<string, string>>,
  env: Readonly<Record<string, string>> = {},
): Promise<string> {
  const from = folder(files);
  const { code, message } = await thrown(() => loadConfig({ from, env }));
  expect(code).toBe('CONFIG');
  return message.replaceAll(from, '<folder>');
}

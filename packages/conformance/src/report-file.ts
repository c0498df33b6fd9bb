import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Report } from './result.js';

/** Keeps a report for the ledger where a folder is named, over an earlier one of the same transport. */
export function keepReport(report: Report): void {
  const folder = process.env['OMNIBUS_CONFORMANCE_FOLDER'];
  if (folder === undefined || folder === '') return;
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, `${report.transport}.json`), JSON.stringify(report, undefined, 2));
}

import { textOf } from '../transport/errors.js';

/** What Omnibus logs through: the shape of pino; `consoleLogger` fits the console to it. Never given a payload or a secret. */
export interface Logger {
  debug(fields: object, text: string): void;
  info(fields: object, text: string): void;
  warn(fields: object, text: string): void;
  error(fields: object, text: string): void;
}

/** Says nothing: the default. */
export const silent: Logger = Object.freeze({ debug() {}, info() {}, warn() {}, error() {} });

/** The same logger, whose failures are warnings of the process: what becomes of a message never depends on its log. */
export function guarded(logger: Logger): Logger {
  const tell =
    (level: keyof Logger) =>
    (fields: object, text: string): void => {
      try {
        logger[level](fields, text);
      } catch (error) {
        process.emitWarning(`the logger threw: ${textOf(error)}`, 'OmnibusWarning');
      }
    };
  return Object.freeze({ debug: tell('debug'), info: tell('info'), warn: tell('warn'), error: tell('error') });
}

/** Prints to the console from `level` on (default `info`). */
export function consoleLogger(level: keyof Logger = 'info'): Logger {
  const levels = ['debug', 'info', 'warn', 'error'] as const;
  const from = levels.indexOf(level);
  const print =
    (name: (typeof levels)[number]) =>
    (fields: object, text: string): void => {
      // biome-ignore lint/suspicious/noConsole: printing to the console is what it is for
      if (levels.indexOf(name) >= from) console[name](text, fields);
    };
  return { debug: print('debug'), info: print('info'), warn: print('warn'), error: print('error') };
}

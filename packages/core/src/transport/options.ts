/**
 * One option of a transport (or one key of the configuration), said once: its check, its conversion from text, its
 * JSON Schema and its line in the documentation all come from here.
 */
export type OptionSpec =
  | (OptionBase & {
      readonly type: 'string';
      readonly values?: readonly string[];
      readonly pattern?: RegExp;
      readonly default?: string;
      /** Never shown in a log or an error. */
      readonly secret?: boolean;
    })
  | (OptionBase & {
      readonly type: 'number';
      readonly min?: number;
      readonly max?: number;
      /** Only whole numbers. */
      readonly whole?: boolean;
      readonly default?: number;
    })
  | (OptionBase & { readonly type: 'boolean'; readonly default?: boolean })
  /** One string, or a list of them; resolves to a list. */
  | (OptionBase & {
      readonly type: 'strings';
      readonly values?: readonly string[];
      readonly default?: readonly string[];
      readonly secret?: boolean;
    })
  | (OptionBase & { readonly type: 'object'; readonly fields: Readonly<Record<string, OptionSpec>> })
  /** Keys that the user chooses, all values of one shape. */
  | (OptionBase & { readonly type: 'map'; readonly of: OptionSpec })
  /** The first alternative that fits. */
  | (OptionBase & { readonly type: 'oneOf'; readonly alternatives: readonly OptionSpec[]; readonly default?: unknown })
  /** Passed through as it stands: what only code can give (a function, an object of a client library). */
  | (OptionBase & { readonly type: 'any' });

interface OptionBase {
  /** One sentence with the unit and what the default means. */
  readonly description: string;
  readonly required?: boolean;
}

/** One spec for each option of `O`; a forgotten or surplus one is a compile error. */
export type OptionSpecs<O extends object> = { readonly [K in keyof O]-?: OptionSpec };

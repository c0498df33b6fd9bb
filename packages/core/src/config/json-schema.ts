import type { OptionSpec } from '../transport/options.js';
import type { TransportFactory } from '../transport/transport.js';
import { CONFIG, TRANSPORTS } from './spec.js';

type Of<T extends OptionSpec['type']> = Extract<OptionSpec, { readonly type: T }>;

/** A JSON Schema as plain data. */
export type JsonSchema = Readonly<Record<string, unknown>>;

/** Where an editor may expect a text with a variable instead of a number, a boolean or one of a closed set. */
const VARIABLE: JsonSchema = { type: 'string', pattern: '\\$\\{' };

/**
 * The JSON Schema (2020-12) of a configuration file, for editors, with the options of the given transports. A definition that
 * uses another transport is left unchecked.
 */
export function configSchema(factories: readonly Pick<TransportFactory, 'transport' | 'options'>[]): JsonSchema {
  const { transports, ...rest } = CONFIG;
  const fields = object({ ...rest, transports }, '');
  const properties = fields['properties'] as Record<string, unknown>;
  const names = factories.map(({ transport }) => transport);
  const definitions = [...factories.map(definition), otherDefinition(names)];
  properties['transports'] = {
    description: transports.description,
    type: 'object',
    minProperties: 1,
    additionalProperties: definitions.length === 1 ? definitions[0] : { oneOf: definitions },
  };
  return {
    $schema: 'https://json-schema.org/draft/2020-12/schema',
    title: 'Omnibus configuration',
    ...fields,
    properties: { $schema: { type: 'string', description: 'Where this schema is, for editors.' }, ...properties },
  };
}

function definition({ transport, options }: Pick<TransportFactory, 'transport' | 'options'>): JsonSchema {
  const { properties, required, ...rest } = object(options, `Options of ${transport}.`) as {
    properties: object;
    required?: readonly string[];
  };
  return {
    ...rest,
    properties: { use: { const: transport, description: `The transport ${transport}.` }, ...properties },
    required: ['use', ...(required ?? [])],
  };
}

const otherDefinition = (names: readonly string[]): JsonSchema => ({
  type: 'object',
  properties: {
    use: {
      description: 'The transport: its name, or the package or file that exports it.',
      type: 'string',
      ...(names.length > 0 ? { not: { enum: names } } : {}),
      examples: ['@acme/nats', './nats.js', ...TRANSPORTS.filter((name) => !names.includes(name))],
    },
  },
  required: ['use'],
});

function object(fields: Readonly<Record<string, OptionSpec>>, description: string): JsonSchema {
  const entries = Object.entries(fields);
  const required = entries.filter(([, spec]) => spec.required === true).map(([key]) => key);
  return {
    ...(description === '' ? {} : { description }),
    type: 'object',
    properties: Object.fromEntries(entries.map(([key, spec]) => [key, schemaOf(spec)])),
    ...(required.length > 0 ? { required } : {}),
    additionalProperties: false,
  };
}

function schemaOf(spec: OptionSpec): JsonSchema {
  const { description } = spec;
  const common = { description, ...('default' in spec && spec.default !== undefined ? { default: spec.default } : {}) };
  switch (spec.type) {
    case 'string':
      if (spec.values !== undefined) return { ...common, anyOf: [{ enum: spec.values }, VARIABLE] };
      if (spec.pattern !== undefined) return { ...common, anyOf: [{ type: 'string', pattern: spec.pattern.source }, VARIABLE] };
      return { ...common, type: 'string', ...(spec.required === true ? { minLength: 1 } : {}) };
    case 'number':
      return { ...common, anyOf: [numberSchema(spec), VARIABLE] };
    case 'boolean':
      return { ...common, anyOf: [{ type: 'boolean' }, VARIABLE] };
    case 'strings':
      return { ...common, anyOf: stringsSchemas(spec) };
    case 'object':
      return object(spec.fields, description);
    case 'map':
      return { description, type: 'object', additionalProperties: schemaOf(spec.of) };
    case 'oneOf':
      return { ...common, anyOf: spec.alternatives.map(schemaOf) };
    case 'any':
      return common;
  }
}

const numberSchema = ({ min, max, whole }: Of<'number'>): JsonSchema => ({
  type: whole === true ? 'integer' : 'number',
  ...(min === undefined ? {} : { minimum: min }),
  ...(max === undefined ? {} : { maximum: max }),
});

function stringsSchemas({ values }: Of<'strings'>): readonly JsonSchema[] {
  const item = values === undefined ? { type: 'string' } : { anyOf: [{ enum: values }, VARIABLE] };
  return [item, { type: 'array', items: item }];
}

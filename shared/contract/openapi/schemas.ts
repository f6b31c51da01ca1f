import * as z from 'zod/mini';
import { DEFAULT_LIMIT, limit, MAX_LIMIT } from '../http/schemas/primitives.ts';

/** A JSON Schema of the 2020-12 dialect, which is the one that OpenAPI 3.1 speaks. */
export type JsonSchema = z.core.JSONSchema.BaseSchema;

/** Whose view of a schema: what a caller may send, or what a caller is told. */
type Side = 'input' | 'output';

/** Writes schemas, and gathers those that have a name as components. */
export interface SchemaWriter {
  /** The JSON Schema of one side of a schema: a reference to a component, where the schema has an id. */
  write(schema: z.ZodMiniType, side: Side): JsonSchema;
  /** Makes a component of what a caller may send, and returns the reference to it. */
  writeRequest(name: string, schema: z.ZodMiniType): JsonSchema;
  /** Every component so far, by name. */
  components(): Readonly<Record<string, JsonSchema>>;
}

/** A writer with no components yet. */
export function schemaWriter(): SchemaWriter {
  const components = new Map<string, JsonSchema>();
  const write = (schema: z.ZodMiniType, side: Side): JsonSchema => {
    const { $schema: _, $defs = {}, ...root } = z.toJSONSchema(schema, { io: side, override: present(side) });
    for (const [name, definition] of Object.entries($defs)) components.set(name, pointed(definition));
    return pointed(root);
  };
  return {
    write,
    writeRequest: (name, schema) => {
      components.set(name, write(schema, 'input'));
      return reference(name);
    },
    components: () => Object.fromEntries([...components].sort(([a], [b]) => (a < b ? -1 : 1))),
  };
}

/** A reference to a component. */
export function reference(name: string): JsonSchema {
  return { $ref: `#/components/schemas/${name}` };
}

/** Says a schema the way a client reads it best, where zod's own words are about JavaScript. */
const present =
  (side: Side): NonNullable<z.core.ToJSONSchemaParams['override']> =>
  ({ zodSchema, jsonSchema }) => {
    if (zodSchema === limit) {
      for (const key of ['pattern', 'format']) Reflect.deleteProperty(jsonSchema, key);
      Object.assign(jsonSchema, { type: 'integer', minimum: 1, maximum: MAX_LIMIT, default: DEFAULT_LIMIT });
    }
    if (jsonSchema.format === 'date-time') delete jsonSchema.pattern;
    if (jsonSchema.maximum === Number.MAX_SAFE_INTEGER) delete jsonSchema.maximum;
    if (jsonSchema.minimum === Number.MIN_SAFE_INTEGER) delete jsonSchema.minimum;
    // Answers may gain fields, and a client must not break on one.
    if (side === 'output' && jsonSchema.additionalProperties === false)
      delete jsonSchema.additionalProperties;
  };

/** The schema with its references pointing into the document's components. */
function pointed(schema: JsonSchema): JsonSchema {
  return JSON.parse(JSON.stringify(schema).replaceAll('"#/$defs/', '"#/components/schemas/'));
}
